"""What `import voluptuous` gives inside Home Assistant: probatio, under its old name."""

from probatio import *
