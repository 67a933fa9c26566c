// A simulated Zigbee radio for the real Zigbee2MQTT.
//
//   node -r ./radio.cjs node_modules/zigbee2mqtt/index.js
//
// Only zigbee-herdsman's Adapter, the class that talks to a coordinator stick, is
// replaced. herdsman, the converters, Zigbee2MQTT, its MQTT output and its Home
// Assistant discovery are the released code. models.py has the devices.
//
// Environment: SIM_PORT    port of the HTTP interface on 127.0.0.1
//              SIM_VALVES  {"0x2001": "on_off" | "tuya" | "level", ...}, all open
//              SIM_TRAVEL  milliseconds from the command to the valve's own report
//
// A test plays the devices' part over HTTP:
//   POST /zone/ADDRESS?status=          IAS zone: 1 alarm 1, 2 alarm 2, 4 tamper, 8 battery
//   POST /tuya/ADDRESS?dp=&type=&value= Tuya datapoint: type 1 bool, 2 number, 4 enum, 5 bits
//   POST /attribute/ADDRESS?cluster=&id=&value=&manufacturer=   report of an unsigned byte
//   POST /valve/ADDRESS?open=           turned by hand: 1 open, 0 closed; reported
//   POST /fault/ADDRESS?mode=           stuck: acknowledges, does not move; refuse: answers
//                                       with a failure; offline: cannot be reached; none
//   GET, DELETE /commands               what Zigbee2MQTT sent to devices
//   GET /state                          where the valves really are
'use strict';
const http = require('node:http');
const path = require('node:path');
const {createRequire} = require('node:module');

// zigbee-herdsman as Zigbee2MQTT itself sees it, wherever that is installed.
const fromMain = createRequire(path.resolve(process.argv[1]));
const dist = path.dirname(fromMain.resolve('zigbee-herdsman'));
const {Adapter} = require(path.join(dist, 'adapter', 'adapter.js'));
const Zcl = require(path.join(dist, 'zspec', 'zcl'));

const ON_OFF = 6, LEVEL = 8, IAS_ZONE = 1280, TUYA = 61184;
const BOOLEAN = 0x10, UINT8 = 0x20, UINT16 = 0x21;
const TUYA_SET = 0, TUYA_REPORT = 2, TUYA_QUERY = 3;
const COORDINATOR = '0x00124b0000000001';
const TRAVEL = Number(process.env.SIM_TRAVEL || 200);

const kinds = new Map(Object.entries(JSON.parse(process.env.SIM_VALVES || '{}')).map(([a, kind]) => [Number(a), kind]));
const open = new Map([...kinds.keys()].map((a) => [a, true]));
const faults = new Map();
let commands = [];
let sequence = 128, adapter;   // not the coordinator's numbers: a repeated one is dropped

const hex = (n) => '0x' + n.toString(16);
const next = () => sequence++ & 255;

class SimulatedRadio extends Adapter {
  constructor(...args) { super(...args); this.hasZdoMessageOverhead = false; adapter = this; }
  async start() { return 'resumed'; }
  async stop() {}
  async reset() {}
  async getCoordinatorIEEE() { return COORDINATOR; }
  async getCoordinatorVersion() { return {type: 'Simulated', meta: {revision: '1'}}; }
  async getNetworkParameters() {
    return {panID: 0x1a62, extendedPanID: '0x00dddddddddddddd', channel: this.networkOptions.channelList[0], nwkUpdateID: 0};
  }
  async supportsBackup() { return false; }
  async backup() { throw new Error('no backup'); }
  async addInstallCode() {}
  async permitJoin() {}
  waitFor() { return {promise: new Promise(() => {}), cancel() {}}; }
  async sendZdo(ieee, address, cluster, payload, disableResponse) { return disableResponse ? undefined : [0, {}]; }
  async sendZclFrameToGroup() {}
  async sendZclFrameToAll() {}
  async setChannelInterPAN() {}
  async sendZclFrameInterPANToIeeeAddr() {}
  async sendZclFrameInterPANBroadcast() {}
  async restoreChannelInterPAN() {}

  // A message from a device, as the stick would hand it over.
  received(address, clusterID, bytes) {
    const data = Buffer.from(bytes);
    return {clusterID, address, data, header: Zcl.Header.fromBuffer(data), endpoint: 1, destinationEndpoint: 1,
      linkquality: 200, groupID: 0, wasBroadcast: false};
  }

  // A message to a device: write it down, act on it, answer.
  async sendZclFrameToEndpoint(ieee, address, endpoint, frame, timeout, disableResponse) {
    const {transactionSequenceNumber: tsn, commandIdentifier: command} = frame.header;
    const specific = frame.header.frameControl.frameType === Zcl.FrameType.SPECIFIC;
    const cluster = frame.cluster.ID, fault = faults.get(address);
    const reads = !specific && command === 0;
    if (specific || reads) {
      const name = reads ? 'read' : frame.command.name;
      commands.push({time: Date.now(), address: hex(address), cluster, command, name, payload: frame.payload});
    }
    if (fault === 'offline') throw new Error(`delivery to ${hex(address)} failed`);
    if (specific && !fault) obey(address, cluster, command, frame.payload);
    if (specific && cluster === TUYA && command === TUYA_QUERY) setTimeout(() => reportValve(address), 5);
    let answer;
    if (reads) {
      answer = [0x18, tsn, 1];
      for (const {attrId} of frame.payload) answer.push(attrId & 255, attrId >> 8, ...attribute(address, cluster, attrId));
    } else if (!specific && command === 2) answer = [0x18, tsn, 4, 0];   // write
    else if (!specific && command === 6) answer = [0x18, tsn, 7, 0];     // configure reporting
    else answer = [0x18, tsn, 0x0b, command, fault === 'refuse' ? 1 : 0];   // default response
    // As a stick does: every incoming frame is an event, also one that is waited for.
    const received = this.received(address, cluster, answer);
    setImmediate(() => this.emit('zclPayload', received));
    return disableResponse ? undefined : received;
  }
}
Adapter.create = async (...args) => new SimulatedRadio(...args);

// --- valves ------------------------------------------------------------------------

// Move a valve as a command says; it reports when its journey is over.
function obey(address, cluster, command, payload) {
  let target;
  if (cluster === ON_OFF) target = command === 2 ? !open.get(address) : command === 1;
  else if (cluster === LEVEL && payload.level !== undefined) target = payload.level > 0;
  else if (cluster === TUYA && command === TUYA_SET) {
    const dp = payload.dpValues.find((value) => value.dp === 1);
    if (dp) target = dp.data[0] === 1;
  }
  if (target === undefined || !kinds.has(address)) return;
  setTimeout(() => { open.set(address, target); reportValve(address); }, TRAVEL);
}

function attribute(address, cluster, id) {   // status, type and value of an attribute
  const isOpen = open.get(address) ? 1 : 0;
  if (kinds.has(address) && cluster === ON_OFF && id === 0) return [0, BOOLEAN, isOpen];
  if (kinds.has(address) && cluster === LEVEL && id === 0) return [0, UINT8, isOpen ? 254 : 0];
  if (cluster === ON_OFF && id === 0x9007) return [0, UINT16, 0, 0];   // minutes until it closes
  return [0x86];   // unsupported attribute
}

function reportValve(address) {
  const isOpen = open.get(address) ? 1 : 0;
  switch (kinds.get(address)) {
    case 'on_off': return report(address, ON_OFF, 0, BOOLEAN, isOpen);
    case 'level':
      report(address, ON_OFF, 0, BOOLEAN, isOpen);
      return report(address, LEVEL, 0, UINT8, isOpen ? 254 : 0);
    case 'tuya': return tuyaReport(address, 1, 1, isOpen);
  }
}

// --- what devices say ----------------------------------------------------------------

function emit(address, cluster, bytes) {
  if (faults.get(address) !== 'offline') adapter.emit('zclPayload', adapter.received(address, cluster, bytes));
}
function report(address, cluster, id, type, value, manufacturer) {   // attribute report
  const head = manufacturer ? [0x1c, manufacturer & 255, manufacturer >> 8] : [0x18];
  emit(address, cluster, [...head, next(), 0x0a, id & 255, id >> 8, type, value]);
}
function zoneStatus(address, status) {     // IAS Zone status change notification
  emit(address, IAS_ZONE, [0x19, next(), 0, status & 255, status >> 8, 0, 1, 0, 0]);
}
function tuyaReport(address, dp, type, value) {   // Tuya data report
  const size = type === 2 ? 4 : 1, data = Buffer.alloc(size);
  data.writeUIntBE(value, 0, size);
  emit(address, TUYA, [0x09, next(), TUYA_REPORT, 0, next(), dp, type, 0, size, ...data]);
}

const actions = {
  zone: (a, n) => zoneStatus(a, n('status')),
  tuya: (a, n) => tuyaReport(a, n('dp'), n('type'), n('value')),
  attribute: (a, n) => report(a, n('cluster'), n('id'), UINT8, n('value'), n('manufacturer')),
  valve: (a, n) => { open.set(a, n('open') === 1); reportValve(a); },
  fault: (a, n, query) => { const mode = query.get('mode'); if (mode === 'none') faults.delete(a); else faults.set(a, mode); },
};
const byAddress = (map) => Object.fromEntries([...map].map(([a, value]) => [hex(a), value]));

http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const [, action, target] = url.pathname.split('/');
  const reply = (status, body) => { response.writeHead(status, {'content-type': 'application/json'}); response.end(JSON.stringify(body)); };
  try {
    if (!adapter) reply(503, {error: 'not started'});
    else if (action === 'commands' && request.method === 'GET') reply(200, commands);
    else if (action === 'commands' && request.method === 'DELETE') { commands = []; reply(200, {ok: true}); }
    else if (action === 'state') reply(200, {open: byAddress(open), faults: byAddress(faults)});
    else if (Object.hasOwn(actions, action) && request.method === 'POST') {
      actions[action](Number(target), (name) => Number(url.searchParams.get(name)), url.searchParams);
      reply(200, {ok: true});
    } else reply(404, {error: 'unknown request'});
  } catch (error) { reply(500, {error: String(error)}); }
}).listen(Number(process.env.SIM_PORT || 18840), '127.0.0.1');
