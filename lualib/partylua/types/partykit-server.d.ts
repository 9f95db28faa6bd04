/**
 * The Party API for editors: what `import type * as Party from "partykit/server"` gives.
 *
 * Name this file in `files` or `include` of tsconfig.json; `partylua types` prints its folder. It
 * needs the libraries "ES2022", "DOM" and "DOM.AsyncIterable". At run time types are left out.
 */

declare module "partykit/server" {
  // Values ---------------------------------------------------------------------------------------

  type MaybePromise<T> = T | Promise<T>;
  type Message = string | ArrayBuffer | ArrayBufferView;

  /** A deep copy that cannot be written to; state is replaced, never changed. */
  type Immutable<T> = T extends (...args: never[]) => unknown ? T
    : T extends object ? { readonly [K in keyof T]: Immutable<T[K]> } : T;

  // Requests -------------------------------------------------------------------------------------

  /** A request as hooks get it. */
  export interface Request extends globalThis.Request {
    /** What is known of the client's place: nothing, unless the server was told of it. */
    readonly cf?: Record<string, unknown>;
    json<T = any>(): Promise<T>;
  }

  export type ReturnRequest = Request | globalThis.Request | globalThis.Response;

  // Connections ----------------------------------------------------------------------------------

  export interface ConnectionContext {
    request: Request;
  }

  /** One WebSocket in a room. */
  export interface Connection<State = unknown> extends WebSocket {
    /** Unique among the open connections of its room; chosen by the client. */
    readonly id: string;
    /** URL of the request that opened it. */
    readonly uri: string;
    /** What setState was given last; null before that. It lasts as long as the connection. */
    readonly state: Immutable<State> | null;
    setState(state: State | null | ((before: Immutable<State> | null) => State | null)):
      Immutable<State> | null;
    send(message: Message): void;
    /** @param code    from 1000 to 4999 */
    close(code?: number, reason?: string): void;
    /** @deprecated the connection itself */
    readonly socket: WebSocket;
    /** @deprecated use setState */
    serializeAttachment<T = unknown>(attachment: T): void;
    /** @deprecated use state */
    deserializeAttachment(): any;
  }

  // Storage --------------------------------------------------------------------------------------

  export interface GetOptions {
    allowConcurrency?: boolean;
    noCache?: boolean;
  }

  export interface PutOptions extends GetOptions {
    /** Lets messages out before the write is durable. */
    allowUnconfirmed?: boolean;
  }

  export interface ListOptions extends GetOptions {
    start?: string;
    startAfter?: string;
    end?: string;
    prefix?: string;
    reverse?: boolean;
    limit?: number;
  }

  interface Entries {
    get<T = unknown>(key: string, options?: GetOptions): Promise<T | undefined>;
    get<T = unknown>(keys: string[], options?: GetOptions): Promise<Map<string, T>>;
    put<T>(key: string, value: T, options?: PutOptions): Promise<void>;
    put<T>(entries: Record<string, T>, options?: PutOptions): Promise<void>;
    delete(key: string, options?: PutOptions): Promise<boolean>;
    delete(keys: string[], options?: PutOptions): Promise<number>;
    /** Entries in the order of their keys. */
    list<T = unknown>(options?: ListOptions): Promise<Map<string, T>>;
    /** When onAlarm is due, in milliseconds; null without an alarm. */
    getAlarm(options?: GetOptions): Promise<number | null>;
    setAlarm(time: number | Date, options?: PutOptions): Promise<void>;
    deleteAlarm(options?: PutOptions): Promise<void>;
  }

  export interface Transaction extends Entries {
    rollback(): void;
  }

  /** What a room keeps: values are copied on both ways. */
  export interface Storage extends Entries {
    deleteAll(options?: PutOptions): Promise<void>;
    transaction<T>(run: (txn: Transaction) => Promise<T>): Promise<T>;
    /** Resolves when all that was written is durable. */
    sync(): Promise<void>;
  }

  // Other rooms ----------------------------------------------------------------------------------

  export interface Stub {
    /** @param path    begins with "/" and is added to the room's own */
    fetch(path: string, init?: RequestInit): Promise<Response>;
    fetch(init?: RequestInit | Request): Promise<Response>;
    socket(path: string, init?: RequestInit): Promise<WebSocket>;
    socket(init?: RequestInit): Promise<WebSocket>;
    /** @deprecated use socket */
    connect(): WebSocket;
  }

  export interface Parties {
    [party: string]: { get(id: string): Stub };
  }

  // Services -------------------------------------------------------------------------------------

  export interface AiOptions {
    signal?: AbortSignal;
    /** In seconds. */
    timeout?: number;
    extraHeaders?: Record<string, string>;
    gateway?: { id?: string; cacheTtl?: number; skipCache?: boolean; metadata?: object };
  }

  /** Models of the provider that the configuration names. */
  export interface AI {
    readonly lastRequestId: string | null;
    /** With `stream: true` the result is a ReadableStream of server-sent events. */
    run(model: string, inputs: Record<string, unknown>, options?: AiOptions): Promise<any>;
    models(params?: { search?: string; task?: string; page?: number; per_page?: number }):
      Promise<Array<{ id: string; name: string; description: string; [key: string]: unknown }>>;
  }

  export interface Vector {
    id: string;
    values: number[] | Float32Array | Float64Array;
    namespace?: string;
    metadata?: Record<string, unknown>;
  }

  export interface VectorQuery {
    topK?: number;
    namespace?: string;
    returnValues?: boolean;
    returnMetadata?: boolean | "all" | "indexed" | "none";
    filter?: Record<string, unknown>;
  }

  export interface VectorMatch {
    id: string;
    score: number;
    values?: number[];
    namespace?: string;
    metadata?: Record<string, any>;
  }

  interface VectorChange {
    count: number;
    ids: string[];
    mutationId: string;
  }

  /** An index of vectors that the configuration binds. */
  export interface VectorIndex {
    insert(vectors: Vector[]): Promise<VectorChange>;
    upsert(vectors: Vector[]): Promise<VectorChange>;
    deleteByIds(ids: string[]): Promise<VectorChange>;
    getByIds(ids: string[]): Promise<Vector[]>;
    query(vector: Vector["values"], options?: VectorQuery):
      Promise<{ count: number; matches: VectorMatch[] }>;
    queryById(id: string, options?: VectorQuery):
      Promise<{ count: number; matches: VectorMatch[] }>;
    describe(): Promise<{ name: string; vectorsCount: number; [key: string]: unknown }>;
  }

  export interface AssetFetcher {
    /** The static file of a path, which begins with "/"; null when there is none. */
    fetch(path: string): Promise<Response | null>;
  }

  interface Shared {
    parties: Parties;
    ai: AI;
    vectorize: Record<string, VectorIndex>;
    assets: AssetFetcher;
    bindings: { r2: Record<string, unknown>; kv: Record<string, unknown> };
  }

  // Rooms ----------------------------------------------------------------------------------------

  export interface Context extends Shared {}

  export interface Room {
    readonly id: string;
    readonly internalID: string;
    /** The party: "main" or its key in the configuration. */
    readonly name: string;
    readonly env: Record<string, unknown>;
    readonly storage: Storage;
    readonly context: Context;
    /** No other event of the room runs until what `run` promises is there. */
    blockConcurrencyWhile<T>(run: () => Promise<T>): Promise<T>;
    /** @param without    ids of connections that do not get the message */
    broadcast(message: Message, without?: string[]): void;
    getConnection<State = unknown>(id: string): Connection<State> | undefined;
    getConnections<State = unknown>(tag?: string): IterableIterator<Connection<State>>;
    readonly analytics: { writeDataPoint(data?: unknown): void };
    /** @deprecated use getConnections */
    readonly connections: Map<string, Connection>;
    /** @deprecated use context.parties */
    readonly parties: Parties;
  }

  /** @deprecated use Room */
  export type Party = Room;

  // Outside of rooms -----------------------------------------------------------------------------

  export interface FetchLobby extends Shared {
    readonly env: Record<string, unknown>;
    readonly analytics: { writeDataPoint(data?: unknown): void };
  }

  export interface Lobby extends FetchLobby {
    /** Of the room that the request is for. */
    readonly id: string;
  }

  export interface CronLobby extends FetchLobby {}

  export interface ExecutionContext {
    /** Lets work go on beside the answer. */
    waitUntil(promise: Promise<unknown>): void;
    passThroughOnException(): void;
  }

  export interface Cron {
    readonly name: string;
    /** The expression, as in the configuration. */
    readonly cron: string;
    readonly definition: string;
    readonly scheduledTime: number;
    noRetry(): void;
  }

  export interface FetchSocket extends WebSocket {
    readonly request: Request;
  }

  // Servers --------------------------------------------------------------------------------------

  export interface ServerOptions {
    /** The room's object may go while its connections stay. */
    hibernate?: boolean;
  }

  /** What a party's class has; all of it may be left out. */
  export interface Server {
    readonly options?: ServerOptions;
    onStart?(): MaybePromise<unknown>;
    getConnectionTags?(connection: Connection<any>, context: ConnectionContext):
      MaybePromise<string[]>;
    onConnect?(connection: Connection<any>, context: ConnectionContext): MaybePromise<unknown>;
    onMessage?(message: string | ArrayBuffer | ArrayBufferView, sender: Connection<any>):
      MaybePromise<unknown>;
    onClose?(connection: Connection<any>): MaybePromise<unknown>;
    onError?(connection: Connection<any>, error: Error): MaybePromise<unknown>;
    onRequest?(request: Request): MaybePromise<Response>;
    onAlarm?(): MaybePromise<unknown>;
  }

  /** The class itself, for `MyServer satisfies Party.Worker`. */
  export interface Worker {
    new (room: Room): Server;
    onBeforeRequest?(request: Request, lobby: Lobby, context: ExecutionContext):
      MaybePromise<ReturnRequest | void>;
    onBeforeConnect?(request: Request, lobby: Lobby, context: ExecutionContext):
      MaybePromise<ReturnRequest | void>;
    onFetch?(request: Request, lobby: FetchLobby, context: ExecutionContext):
      MaybePromise<Response | undefined | null | void>;
    onSocket?(socket: FetchSocket, lobby: FetchLobby, context: ExecutionContext):
      MaybePromise<unknown>;
    onCron?(cron: Cron, lobby: CronLobby, context: ExecutionContext): MaybePromise<unknown>;
  }

  // The older form, and older names ----------------------------------------------------------------

  /** A party as an object, whose hooks get the room. */
  export interface PartyKitServer {
    onConnect?(connection: Connection<any>, room: Room, context: ConnectionContext):
      MaybePromise<unknown>;
    onMessage?(message: string | ArrayBuffer | ArrayBufferView, connection: Connection<any>,
      room: Room): MaybePromise<unknown>;
    onClose?(connection: Connection<any>, room: Room): MaybePromise<unknown>;
    onError?(connection: Connection<any>, error: Error, room: Room): MaybePromise<unknown>;
    onRequest?(request: Request, room: Room): MaybePromise<Response>;
    onAlarm?(room: Room): MaybePromise<unknown>;
    onBeforeRequest?(request: Request, lobby: Lobby, context: ExecutionContext):
      MaybePromise<ReturnRequest | void>;
    onBeforeConnect?(request: Request, lobby: Lobby, context: ExecutionContext):
      MaybePromise<ReturnRequest | void>;
    unstable_onFetch?(request: Request, lobby: FetchLobby, context: ExecutionContext):
      MaybePromise<Response | undefined | null | void>;
  }

  export type PartyServer = Server;
  export type PartyWorker = Worker;
  export type PartyConnection<State = unknown> = Connection<State>;
  export type PartyConnectionContext = ConnectionContext;
  export type PartyRequest = Request;
  export type PartyStorage = Storage;
  export type PartyServerOptions = ServerOptions;
  export type PartyExecutionContext = ExecutionContext;
  export type PartyLobby = Lobby;
  export type PartyFetchLobby = FetchLobby;
  export type PartyFetchSocket = FetchSocket;
  export type PartyCron = Cron;
  export type PartyCronLobby = CronLobby;
  export type PartyKitRoom = Room;
  export type PartyKitConnection = Connection;
  export type PartyKitContext = ConnectionContext;
  export type PartyKitStorage = Storage;
}

declare module "partykit-ai" {
  import type { AI, AiOptions } from "partykit/server";

  /** Wraps `room.context.ai`, as PartyKit's code does. */
  export class Ai implements AI {
    constructor(binding: AI);
    readonly lastRequestId: string | null;
    run(model: string, inputs: Record<string, unknown>, options?: AiOptions): Promise<any>;
    models: AI["models"];
  }
}
