/**
 * Apache Cassandra's commit log, read without Cassandra: bytes in, values out, no I/O.
 *
 * ```ts
 * const descriptor = readDescriptor(file);
 * const sections = new CommitLogSegmentReader(memorySource(file), descriptor);
 * const frames = new MutationFrames();
 * const mutation = new Mutation(schema);
 * for (let section = sections.next(); typeof section !== 'string'; section = sections.next()) {
 *   frames.open(section);
 *   while (frames.next()) {
 *     mutation.open(frames.bytes, frames.start, frames.end, { base: frames.base, version: descriptor.version });
 *     for (let update = mutation.nextUpdate(); update !== undefined; update = mutation.nextUpdate()) {
 *       while (update.next() !== UNFILTERED.END) …
 *     }
 *   }
 * }
 * ```
 * `FORMAT.md` beside this file describes the format itself.
 */
export { CORRUPT_CODES, CorruptError, type CorruptCode } from './errors.js';
export { MAX_DESCRIPTOR_LENGTH, SUPPORTED_VERSIONS, cdcIndexFileName, parseSegmentFileName, readDescriptor, type CommitLogDescriptor, type EncryptionHeader } from './commitlog/descriptor.js';
export { comparePositions, formatPosition, parsePosition, type CommitLogPosition } from './commitlog/position.js';
export { parseCdcIndex, type CdcIndex } from './commitlog/cdc-index.js';
export { memorySource, type SegmentSource } from './commitlog/segment-source.js';
export { CommitLogSegmentReader, END_OF_SEGMENT, WAITING, type SegmentReaderOptions, type SyncSegment } from './commitlog/segment-reader.js';
export { MutationFrames } from './commitlog/mutation-frame.js';
export { Mutation, UnknownTableError } from './db/mutation.js';
export { PartitionUpdate, UNFILTERED, type UnfilteredKind } from './db/partition-update.js';
export { Row } from './db/row.js';
export { RangeTombstoneMarker } from './db/range-tombstone-marker.js';
export { CLUSTERING_KINDS, ClusteringPrefix, type ClusteringKind } from './db/clustering.js';
export { DeletionTime, NO_DELETION_TIME, localDeletionSeconds } from './db/deletion-time.js';
export { LivenessInfo } from './db/liveness-info.js';
export { compareInt64, int64ToNumber, int64ToString } from './io/int64.js';
export { tokenOf, type Token } from './dht/murmur3.js';
export { AbstractType, CASSANDRA_JSON, MarshalError, type JsonOptions } from './marshal/abstract-type.js';
export { Schema, type SchemaView } from './schema/schema.js';
export { TableMetadata, compareColumns, type ColumnKind, type ColumnMetadata, type TableMetadataInit } from './schema/table-metadata.js';
export { SchemaError, replicationFromRows, schemaFromRows, type SystemSchemaRows } from './schema/from-system-schema.js';
