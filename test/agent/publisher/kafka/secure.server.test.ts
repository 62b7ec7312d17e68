/** Logins and permissions on a broker that allows nothing by itself: the ACLs below are the list in the documentation. */
import { expect } from 'chai';
import kafkajs from 'kafkajs';
import type { AclEntry, Admin, AclOperationTypes as Operation, AclResourceTypes as Resource } from 'kafkajs';
import { setTimeout as sleep } from 'node:timers/promises';
import { RetryableError } from '../../../../agent/errors.js';
import type { KafkaOptions } from '../../../../agent/publisher/kafka/options.js';
import { KafkaPublisher } from '../../../../agent/publisher/kafka/kafka-publisher.js';
import { deliverAll, publisherOptions, verdictOn } from '../../../faults/fault-run.js';
import { JudgeConsumer, NO_FAULT, tally } from '../../../faults/judge.js';
import { createTopics } from '../../../lab/index.js';
import { startSecureBroker, unsignedToken, type SecureBroker } from './secure-broker.js';

// Node finds only some of kafkajs' names in its CommonJS module.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } = kafkajs;

const acl = (resourceType: Resource, resourceName: string, operation: Operation): AclEntry => ({
  resourceType, resourceName, resourcePatternType: ResourcePatternTypes.LITERAL, principal: 'User:agent', host: '*', operation, permissionType: AclPermissionTypes.ALLOW,
});

/** Everything that an agent needs when its topics exist; literal names only. */
export function neededAcls(topic: string): AclEntry[] {
  const id = `cdc-faults-${topic}`;
  return [
    acl(AclResourceTypes.TRANSACTIONAL_ID, id, AclOperationTypes.WRITE),
    acl(AclResourceTypes.TOPIC, topic, AclOperationTypes.WRITE),
    acl(AclResourceTypes.TOPIC, 'cdc.position', AclOperationTypes.READ),
    acl(AclResourceTypes.GROUP, id, AclOperationTypes.READ),
  ];
}

describe('publisher: logins and permissions', function () {
  this.timeout(300_000);
  let secure: SecureBroker;
  let consumer: JudgeConsumer;
  let admin: Admin;

  before(async () => {
    secure = await startSecureBroker();
    consumer = await JudgeConsumer.start(secure.broker.brokers);
    admin = new Kafka({ brokers: secure.broker.brokers, logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    await createTopics(admin, [{ topic: 'cdc.position', numPartitions: 1 }]);
  });
  after(async () => {
    await admin?.disconnect();
    await consumer?.stop();
    await secure?.broker.remove();
  });

  const topics = { create: false, partitions: 1, replicationFactor: 1, config: {} };

  async function delivers(topic: string, kafka: KafkaOptions): Promise<void> {
    await createTopics(admin, [{ topic, numPartitions: 2 }]);
    await admin.createAcls({ acl: neededAcls(topic) });
    const { sequence } = await deliverAll({ brokers: kafka.brokers, topic, mutations: 300, publisher: { kafka, topics } });
    expect(tally(await verdictOn(consumer, topic, sequence))).to.deep.equal(NO_FAULT);
  }

  const password = { username: 'agent', password: 'agent-secret' };
  for (const mechanism of ['scram-sha-256', 'scram-sha-512', 'plain'] as const) {
    it(`${mechanism} over TLS, with literal ACLs`, () => delivers(`t-${mechanism}`, { brokers: secure.sasl, tls: { ca: secure.ca }, sasl: { mechanism, ...password } }));
  }

  it('oauthbearer over TLS, with literal ACLs', () =>
    delivers('t-oauth', { brokers: secure.sasl, tls: { ca: secure.ca }, sasl: { mechanism: 'oauthbearer', tokens: { token: () => Promise.resolve(unsignedToken('agent')), refused: (_token, reason) => new RetryableError('refused', reason) } } }));

  it('a client certificate (mTLS), with literal ACLs', () => delivers('t-mtls', { brokers: secure.mtls, tls: { ca: secure.ca, cert: secure.cert, key: secure.key } }));

  /** Code, message and fix of the first fault. */
  async function firstFault(topic: string, kafka: KafkaOptions): Promise<{ code: string; message: string; fix: string | undefined }> {
    const stop = new AbortController();
    let found: { code: string; message: string; fix: string | undefined } | undefined;
    const publisher = new KafkaPublisher(publisherOptions({ brokers: kafka.brokers, topic, publisher: { kafka, topics } }), {
      fault: ({ error: { code, message, fix } }) => {
        found ??= { code, message, fix };
        stop.abort();
      },
    });
    // What can be recovered without a right to write shows when something is written.
    await publisher.recover(stop.signal).then(async () => {
      publisher.begin();
      await publisher.append([]);
      await publisher.commit({ segment: 1, position: 1, index: 0 });
    }).catch(() => undefined);
    publisher.discard();
    if (found === undefined) throw new Error('there was no fault');
    return found;
  }

  it('a wrong password, an unknown authority and a missing certificate are told apart, without the password', async () => {
    const wrong = await firstFault('t-wrong', { brokers: secure.sasl, tls: { ca: secure.ca }, sasl: { mechanism: 'scram-sha-512', username: 'agent', password: 'not-the-password' } });
    expect(wrong.code).to.equal('kafka_authentication');
    expect(JSON.stringify(wrong)).not.to.include('not-the-password');
    expect(await firstFault('t-wrong', { brokers: secure.sasl, tls: {}, sasl: { mechanism: 'scram-sha-512', ...password } })).to.include({ code: 'kafka_tls' });
    expect((await firstFault('t-wrong', { brokers: secure.mtls, tls: { ca: secure.ca } })).code).to.be.oneOf(['kafka_tls', 'kafka_unreachable']);
  });

  it('each missing ACL is named by its resource, and nothing less than the list is enough', async () => {
    const topic = 't-acls';
    const kafka: KafkaOptions = { brokers: secure.sasl, tls: { ca: secure.ca }, sasl: { mechanism: 'scram-sha-512', ...password }, requestTimeoutMs: 3000 };
    await createTopics(admin, [{ topic, numPartitions: 1 }]);
    const all = neededAcls(topic);
    const fixes = [/Write on the transactional id/, /Write on the event topics/, /Read on the position topic/, /Read on the group/];
    for (const [missing, fix] of all.map((entry, n) => [entry, fixes[n]] as const)) {
      await admin.deleteAcls({ filters: all.concat(neededAcls('t-plain')).map(({ principal, host, operation, permissionType, resourceType, resourceName, resourcePatternType }) => ({ principal, host, operation, permissionType, resourceType, resourceName, resourcePatternType })) });
      await admin.createAcls({ acl: all.filter((entry) => entry !== missing) });
      await sleep(300);
      const stop = new AbortController();
      let seen: { code: string; fix: string | undefined } | undefined;
      await deliverAll({ brokers: kafka.brokers, topic, mutations: 30, publisher: { kafka, topics }, onFault: ({ code, fix: text }) => {
        seen ??= { code, fix: text };
        stop.abort();
      } }, stop.signal);
      expect(seen?.code, missing.resourceName).to.equal('kafka_authorization');
      expect(seen?.fix, missing.resourceName).to.match(fix);
    }
  });
});
