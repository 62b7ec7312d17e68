import { expect } from 'chai';
import fc from 'fast-check';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Batch } from '../../../../agent/publisher/kafka/batch.js';
import { clientOptions } from '../../../../agent/publisher/kafka/client-options.js';
import { KafkaConnection } from '../../../../agent/publisher/kafka/connection.js';
import { AnotherAgentError, errorType, explainFault } from '../../../../agent/publisher/kafka/faults.js';
import { InstanceGuard } from '../../../../agent/publisher/kafka/instance-guard.js';
import { checkKafkajsVersion, SocketGuard } from '../../../../agent/publisher/kafka/kafkajs-client.js';
import { tokenFromFile } from '../../../../agent/publisher/kafka/oauth-token.js';
import { positionTopicOf, transactionalIdOf } from '../../../../agent/publisher/kafka/options.js';
import { deadLetters } from '../../../../agent/publisher/kafka/oversize.js';
import type { StoredPosition } from '../../../../agent/publisher/kafka/port.js';
import { formatPositionRecord, METADATA_LIMIT, parsePositionRecord } from '../../../../agent/publisher/kafka/position-record.js';
import { sendByLeader } from '../../../../agent/publisher/kafka/produce-by-leader.js';
import { backoffMs } from '../../../../agent/publisher/kafka/sleep.js';
import type { WireRequest } from '../../../../agent/publisher/kafka/wire/requests.js';
import { recordOf } from '../../../faults/sequence.js';

const POSITION: StoredPosition = { segment: 1795360528612, position: 19204112, index: 3, instance: '4f0c', low: { segment: 1795360528610, position: 5 }, events: 123, extra: {} };

describe('position record', function () {
  this.timeout(20_000);

  it('has the frozen form', () => {
    expect(formatPositionRecord(POSITION)).to.equal('{"v":1,"segment":1795360528612,"position":19204112,"index":3,"instance":"4f0c","low":{"segment":1795360528610,"position":5}}');
    expect(transactionalIdOf({ prefix: 'cdc', cluster: 'prod', hostId: 'd0c8' })).to.equal('cdc-prod-d0c8');
    expect(positionTopicOf('cdc')).to.equal('cdc.position');
  });

  it('comes back, with the keys that this version does not know', () => {
    const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const position = fc.record({ segment: count, position: count });
    fc.assert(
      fc.property(position, count, fc.option(position), fc.option(fc.record({ settled: position, written: count }, { requiredKeys: [] })), fc.string(), fc.dictionary(fc.string().map((key) => `x${key}`), fc.jsonValue(), { maxKeys: 3 }), (at, index, low, judged, instance, extra) => {
        const stored = { ...at, index, low, ...judged, instance, events: 5, extra: JSON.parse(JSON.stringify(extra)) as Record<string, unknown> };
        let text: string;
        try {
          text = formatPositionRecord(stored);
        } catch (error) {
          expect(error).to.be.instanceOf(RangeError);
          return;
        }
        expect(parsePositionRecord(text, 5, 'id')).to.deep.equal(stored);
      }),
    );
  });

  it('is refused when it is anything else, with the command to choose', () => {
    for (const text of ['', 'x', '[]', 'null', '{}', '{"v":2,"segment":1,"position":1,"index":0,"instance":"i"}', '{"v":1,"segment":-1,"position":1,"index":0,"instance":"i"}', '{"v":1,"segment":1,"position":1,"index":0,"instance":"i","low":{}}', '{"v":1,"segment":1,"position":1,"index":0,"instance":"i","settled":5}', '{"v":1,"segment":1,"position":1,"index":0,"instance":"i","written":-1}']) {
      expect(() => parsePositionRecord(text, 0, 'cdc-a-b'), text).to.throw(/^the position of cdc-a-b in Kafka/).with.property('fix').that.includes('replay --from');
    }
  });

  it('is never larger than Kafka stores', () => {
    expect(() => formatPositionRecord({ ...POSITION, extra: { large: 'x'.repeat(METADATA_LIMIT) } })).to.throw(RangeError, 'Kafka stores 4096');
  });
});

describe('one request per leader', () => {
  it('sends each leader its own partitions, side by side, and a second batch of a partition behind the first', async () => {
    const batch = new Batch(() => 300);
    for (let n = 0; n < 24; n++) batch.append(recordOf('t', String(n), 'x'.repeat(100)), n % 6, { timestamp: 1, event: n });
    const sent: { leader: number; frame: Buffer }[] = [];
    let open = 0;
    let most = 0;
    await sendByLeader(batch.partitions, {
      connection: {
        leadersOf: () => [1, 2, 3, 1, 2, 3],
        broker: (nodeId: number) => Promise.resolve({ nodeId } as never),
        send: async (broker: { nodeId: number }, request: WireRequest<unknown>) => {
          most = Math.max(most, ++open);
          sent.push({ leader: broker.nodeId, frame: Buffer.concat(request.body) });
          await new Promise(setImmediate);
          open--;
          return undefined as never;
        },
      },
      protocol: { produceVersion: 7, whenFree: (request) => request() },
      producer: { transactionalId: 'id', producerId: 1n, epoch: 0 }, codec: { id: 0 }, timeoutMs: 1000, nextSequence: () => 0,
    });
    expect(most).to.equal(3);
    expect(sent.map(({ leader }) => leader).sort()).to.deep.equal([1, 1, 2, 2, 3, 3]);
    for (const { leader, frame } of sent) {
      // transactional id (4), acks, timeout, one topic 't', count, then partition and batch twice
      const first = frame.readInt32BE(21);
      const second = frame.readInt32BE(25 + 4 + frame.readInt32BE(25));
      expect([first, second]).to.deep.equal([leader - 1, leader + 2]);
    }
  });

  it('says which partition has no leader', async () => {
    const batch = new Batch(() => 1000);
    batch.append(recordOf('t', 'k', 'v'), 1, { timestamp: 1, event: 0 });
    const error: unknown = await sendByLeader(batch.partitions, { connection: { leadersOf: () => [1, -1] } } as never).catch((thrown: unknown) => thrown);
    expect(error).to.include({ message: 't-1 has no leader', retryable: true });
  });
});

describe('sockets of a discarded producer', () => {
  it('end at once, and no new one is made', async () => {
    const server = createServer((socket) => socket.resume());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const guard = new SocketGuard();
    const { port } = server.address() as AddressInfo;
    const socket = guard.factory({ host: '127.0.0.1', port, ssl: undefined as never, onConnect: () => undefined });
    await once(socket, 'connect');
    const failed = new Promise((resolve) => socket.once('error', resolve));
    const closed = new Promise((resolve) => socket.once('close', resolve));
    guard.kill();
    expect(await failed).to.include({ message: 'this producer was discarded' });
    expect(() => guard.factory({ host: '127.0.0.1', port, ssl: undefined as never, onConnect: () => undefined })).to.throw('discarded');
    await closed;
    server.close();
    expect(guard.open).to.equal(0);
  });

  it('a discarded connection does not connect again', async () => {
    let connections = 0;
    const server = createServer((socket) => { connections++; socket.resume(); });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connection = new KafkaConnection({ brokers: [`127.0.0.1:${(server.address() as AddressInfo).port}`], requestTimeoutMs: 60_000 });
    const opening = connection.open().then(() => 'opened', () => 'failed');
    while (connections === 0) await new Promise(setImmediate);
    connection.destroy();
    expect(await opening).to.equal('failed');
    expect([connections, connection.openSockets]).to.deep.equal([1, 0]);
    server.close();
  });
});

describe('two agents with one id', () => {
  const at = (instance: string, events: number): StoredPosition => ({ ...POSITION, instance, events });
  const guard = (): InstanceGuard => new InstanceGuard({ instance: 'me', transactionalId: 'cdc-a-b', watchMs: 30 });

  it('an older self is no stranger at the first start, and neither is what was known before', async () => {
    const first = guard();
    expect(await first.judge(at('old', 5), () => Promise.reject(new Error('not needed')))).to.include({ instance: 'old' });
    expect(await first.judge(at('old', 5), () => Promise.reject(new Error('not needed')))).to.include({ instance: 'old' });
    first.committed(at('me', 6));
    expect(await first.judge(at('me', 7), () => Promise.reject(new Error('not needed')))).to.include({ instance: 'me', events: 7 });
  });

  it('another instance that goes on writing is proof', async () => {
    const mine = guard();
    await mine.judge(null, () => Promise.resolve(null));
    let events = 10;
    const error: unknown = await mine.judge(at('other', 10), () => Promise.resolve(at('other', ++events))).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(AnotherAgentError);
    expect(error).to.include({ exitCode: 78, message: 'another agent publishes as cdc-a-b (its instance is other): this one ends' });
  });

  it('one that does not is taken over, twice', async () => {
    const mine = guard();
    await mine.judge(at('me', 1), () => Promise.resolve(null));
    for (const events of [10, 20]) expect(await mine.judge(at('other', events), () => Promise.resolve(at('other', events)))).to.include({ events });
    expect(await mine.judge(at('other', 30), () => Promise.resolve(at('other', 30))).catch((thrown: unknown) => thrown)).to.be.instanceOf(AnotherAgentError);
  });
});

describe('publisher options', () => {
  it('refuse what can not be right, with the fix', () => {
    const brokers = ['k1:9092'];
    const cases: readonly (readonly [Parameters<typeof clientOptions>[0], string])[] = [
      [{ brokers: [] }, 'kafka.brokers is empty'],
      [{ brokers: ['k1'] }, 'is not host:port'],
      [{ brokers: ['[::1]:9092'] }, 'is not host:port'],
      [{ brokers: ['k1:99999'] }, 'is not host:port'],
      [{ brokers, sasl: { mechanism: 'plain', username: 'u', password: 'secret!' } }, 'allowed over TLS only'],
      [{ brokers, sasl: { mechanism: 'oauthbearer', tokens: tokenFromFile('/t') } }, 'allowed over TLS only'],
      [{ brokers, tls: { cert: 'c' } }, 'needs both cert and key'],
    ];
    for (const [options, message] of cases) expect(() => clientOptions(options), message).to.throw(message).and.satisfy((error: { fix?: string; message: string }) => error.fix !== undefined && !error.message.includes('secret!'));
  });

  it('check the broker\'s certificate and TLS 1.2, whatever is given', () => {
    expect(clientOptions({ brokers: ['k1:9092'], tls: { ca: 'A', cert: 'C', key: 'K', serverName: 's' } }).ssl).to.deep.equal({ minVersion: 'TLSv1.2', rejectUnauthorized: true, ca: 'A', cert: 'C', key: 'K', servername: 's' });
    const unchecked = clientOptions({ brokers: ['k1:9092'], tls: { verifyHostname: false } }).ssl;
    expect(unchecked).to.include({ rejectUnauthorized: true }).and.to.have.property('checkServerIdentity');
    expect(clientOptions({ brokers: ['k1:9092'], tls: { verifyHostname: true } }).ssl).to.not.have.property('checkServerIdentity');
    expect(clientOptions({ brokers: ['k1:9092'], sasl: { mechanism: 'scram-sha-256', username: 'u', password: 'p' } }).sasl).to.deep.equal({ mechanism: 'scram-sha-256', username: 'u', password: 'p' });
  });

  it('kafkajs of another version is refused: its internals are used', () => {
    checkKafkajsVersion();
    expect(() => checkKafkajsVersion('2.2.5')).to.throw('kafkajs 2.2.5 is installed');
  });
});

describe('faults of Kafka', () => {
  it('are found under kafkajs\' wrappers and told with a fix', () => {
    const wrapped = new Error('outer', { cause: Object.assign(new Error('inner'), { type: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED' }) });
    expect(errorType(wrapped)).to.equal('TRANSACTIONAL_ID_AUTHORIZATION_FAILED');
    expect(explainFault(wrapped, 'cdc-a-b')).to.include({ code: 'kafka_authorization', retryable: true, fix: 'allow Write on the transactional id' });
    expect(explainFault(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'i')).to.include({ code: 'kafka_unreachable' });
    expect(explainFault(Object.assign(new Error('x'), { type: 'INVALID_PRODUCER_EPOCH' }), 'i')).to.include({ code: 'kafka_fenced' });
    expect(explainFault(new Error('Failed to connect: error:1C800064:Provider routines::bad decrypt'), 'i')).to.include({ code: 'kafka_tls', message: 'no TLS connection to Kafka: Failed to connect: bad decrypt' });
    expect(explainFault(new Error('Connection error: 80CCA2:error:0A000416:SSL routines:ssl3_read_bytes:sslv3 alert certificate unknown:../deps/rec_layer_s3.c:1601:SSL alert number 46\n'), 'i')).to.include({ message: 'no TLS connection to Kafka: Connection error: sslv3 alert certificate unknown' });
    expect(explainFault('text', 'i')).to.include({ code: 'kafka_fault' });
  });

  it('are met again after 10 ms to 1 s', () => {
    expect([0, 1, 2, 3, 7, 8, 1000].map(backoffMs)).to.deep.equal([0, 10, 20, 40, 640, 1000, 1000]);
  });
});

describe('an event that is too large', () => {
  it('goes in pieces that add up to it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 5000 }), fc.integer({ min: 1, max: 2000 }), (value, size) => {
        const record = recordOf('shop.orders', 'k', value, { headers: [['cdc.id', 'ab']] });
        const pieces = deadLetters(record, 'cdc.dead_letter', size);
        expect(Buffer.concat(pieces.map(({ bytes, valueStart, valueEnd }) => bytes.subarray(valueStart, valueEnd))).toString()).to.equal(Buffer.from(value).toString());
        pieces.forEach((piece, n) => {
          expect(piece.valueEnd - piece.valueStart).to.be.at.most(size);
          expect(piece.headers).to.deep.equal([['cdc.id', 'ab'], ['cdc.dead_letter.topic', 'shop.orders'], ['cdc.dead_letter.part', `${n + 1}/${pieces.length}`], ['cdc.dead_letter.bytes', String(Buffer.byteLength(value))]]);
        });
      }),
    );
  });
});
