// The contract, as jco makes it of the WIT.
/// <reference path="../types/lockgate-connector-clock.d.ts" />
/// <reference path="../types/lockgate-connector-log.d.ts" />
/// <reference path="../types/lockgate-connector-random.d.ts" />
/// <reference path="../types/lockgate-connector-secrets.d.ts" />
/// <reference path="../types/lockgate-connector-settings.d.ts" />
/// <reference path="../types/lockgate-connector-state.d.ts" />
/// <reference path="../types/lockgate-connector-translator.d.ts" />
/// <reference path="../types/lockgate-connector-types.d.ts" />
/// <reference path="../types/wasi-clocks-monotonic-clock.d.ts" />
/// <reference path="../types/wasi-http-outgoing-handler.d.ts" />
/// <reference path="../types/wasi-http-types.d.ts" />
/// <reference path="../types/wasi-io-error.d.ts" />
/// <reference path="../types/wasi-io-poll.d.ts" />
/// <reference path="../types/wasi-io-streams.d.ts" />
/// <reference path="./engine.d.ts" />
