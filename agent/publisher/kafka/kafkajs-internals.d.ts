/** As much as is used of kafkajs 2.2.4's own modules; its public types don't cover them. The version is checked in kafkajs-client.ts. */
declare module 'kafkajs/src/cluster/index.js' {
  import type { ISocketFactory, Logger, Mechanism, RetryOptions, SASLOptions } from 'kafkajs';
  import type { ConnectionOptions } from 'node:tls';

  export interface Connection {
    readonly clientId: string;
    readonly socket: import('node:net').Socket;
    readonly requestQueue: {
      push(request: {
        entry: { apiKey: number; apiName: string; apiVersion: number; correlationId: number; resolve: (answer: { payload: Buffer }) => void; reject: (error: Error) => void };
        expectResponse: boolean;
        requestTimeout: number | null;
        sendRequest: () => void;
      }): void;
      maybeThrottle(ms: number): void;
    };
    isAuthenticated(): boolean;
    authenticate(): Promise<void>;
    failIfNotConnected(): void;
    nextCorrelationId(): number;
  }

  export interface ConnectionPool {
    getConnection(): Promise<Connection>;
  }

  export interface Broker {
    readonly nodeId: number;
    readonly connectionPool: ConnectionPool;
    findGroupCoordinator(request: { groupId: string; coordinatorType: number }): Promise<{ coordinator: { nodeId: number } }>;
    initProducerId(request: { transactionalId: string; transactionTimeout: number }): Promise<{ producerId: string; producerEpoch: number }>;
    addPartitionsToTxn(request: object): Promise<unknown>;
    addOffsetsToTxn(request: object): Promise<unknown>;
    txnOffsetCommit(request: object): Promise<unknown>;
    endTxn(request: object): Promise<unknown>;
    createTopics(request: object): Promise<unknown>;
  }

  export interface PartitionMetadata {
    readonly partitionId: number;
    readonly leader: number;
    readonly partitionErrorCode: number;
  }

  export default class Cluster {
    constructor(options: {
      logger: Logger;
      socketFactory: ISocketFactory;
      brokers: string[];
      ssl: ConnectionOptions | undefined;
      sasl: SASLOptions | Mechanism | undefined;
      clientId: string;
      connectionTimeout: number;
      authenticationTimeout: number;
      reauthenticationThreshold: number;
      requestTimeout: number;
      enforceRequestTimeout: boolean;
      metadataMaxAge: number;
      allowAutoTopicCreation: boolean;
      maxInFlightRequests: number;
      retry: RetryOptions;
    });
    readonly brokerPool: { findConnectedBroker(): Promise<Broker> };
    readonly targetTopics: Set<string>;
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    refreshMetadata(): Promise<void>;
    addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
    findBroker(where: { nodeId: number }): Promise<Broker>;
    findControllerBroker(): Promise<Broker>;
    findTopicPartitionMetadata(topic: string): PartitionMetadata[];
  }
}

declare module 'kafkajs/src/network/connection.js' {
  export default class Connection {
    /** Of process.hrtime(). */
    authenticatedAt: [seconds: number, nanoseconds: number] | null;
    /** Ms, as the broker said it; 0 = for ever. */
    sessionLifetime: { toNumber(): number };
    isAuthenticated(): boolean;
    authenticate: () => Promise<void>;
  }
}

declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    pending: unknown[];
    inflight: Map<number, { readonly sentAt: number; readonly requestTimeout: number; timeoutRequest(): void }>;
    throttledUntil: number;
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    requestTimeoutIntervalId: NodeJS.Timeout | undefined;
    requestTimeout: number;
    enforceRequestTimeout: boolean;
    isConnected: () => boolean;
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
    scheduleRequestTimeoutCheck(): void;
    destroy(): void;
  }
}

declare module 'kafkajs/src/loggers/index.js' {
  import type { Logger, logCreator } from 'kafkajs';
  const loggers: { createLogger(options: { level: number; logCreator: logCreator }): Logger };
  export default loggers;
}
