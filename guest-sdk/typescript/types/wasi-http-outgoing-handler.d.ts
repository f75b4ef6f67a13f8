/// <reference path="./wasi-http-types.d.ts" />
declare module 'wasi:http/outgoing-handler' {
  export function handle(request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse;
  export type OutgoingRequest = import('wasi:http/types').OutgoingRequest;
  export type RequestOptions = import('wasi:http/types').RequestOptions;
  export type FutureIncomingResponse = import('wasi:http/types').FutureIncomingResponse;
  export type ErrorCode = import('wasi:http/types').ErrorCode;
}
