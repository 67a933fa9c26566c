"""A virtual house that behaves like one and speaks like Zigbee2MQTT."""
