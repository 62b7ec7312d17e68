/** The lab as a library: real servers for tests. */
export { CassandraNode, startCassandra, type CassandraOptions } from './cassandra.js';
export { cassandraJars, FULLY_COMPILED } from './cassandra-jvm.js';
export { CassandraRing, startRing, type RingOptions } from './ring.js';
export { KafkaBroker, kafkaJars, startKafka, type KafkaOptions } from './kafka.js';
export { createTopics } from './topics.js';
export { findJava, javaTool, moduleOptions } from './java.js';
export { jarsOf } from './jars.js';
export { cacheDirectory } from './cache.js';
export { removeOnExit } from './process.js';
export { LabError } from './errors.js';
export { CASSANDRA_VERSIONS, cassandraVersion, KAFKA_VERSION, type CassandraVersion } from './versions.js';
