// Calls to the external application: wasi:http. Follows http.c, which it is a part of.
//
// Whatever the host hands in goes to the arena of the call. What belongs to something else is dropped before it: the host refuses it
// otherwise.

#include <string.h>

#include "internal.h"

#ifdef __wasm__

#include "../../gen/calls.h"

// What one write may carry, by the contract of blocking-write-and-flush, and what one read asks for.
enum { WRITE_BYTES_MAX = 4096, READ_BYTES = 64 * 1024 };

// A text that is absent is NULL.
static calls_string_t view(const char *text) { return (calls_string_t){(uint8_t *)text, strlen(text)}; }

typedef struct {
  uint8_t tag;
  bool may_pass;  // may be better the next time; a denied call stays denied
  const char *message;
} meaning;

#define CODE(name) WASI_HTTP_TYPES_ERROR_CODE_##name

static const meaning meanings[] = {
    {CODE(HTTP_REQUEST_DENIED), false, "the host denied the call: it is not granted to this connector"},
    {CODE(DESTINATION_IP_PROHIBITED), false, "the host denied the call: this address may not be reached"},
    {CODE(DNS_TIMEOUT), true, "no connection in time"},
    {CODE(CONNECTION_TIMEOUT), true, "no connection in time"},
    {CODE(CONNECTION_READ_TIMEOUT), true, "no answer in time"},
    {CODE(CONNECTION_WRITE_TIMEOUT), true, "no answer in time"},
    {CODE(HTTP_RESPONSE_TIMEOUT), true, "no answer in time"},
    {CODE(CONNECTION_REFUSED), true, "the connection was refused"},
    {CODE(CONNECTION_TERMINATED), true, "the connection was broken off"},
    {CODE(DNS_ERROR), true, "the host's name has no address"},
    {CODE(DESTINATION_NOT_FOUND), true, "the host's name has no address"},
    {CODE(DESTINATION_UNAVAILABLE), true, "no connection"},
    {CODE(DESTINATION_IP_UNROUTABLE), true, "no connection"},
    {CODE(CONNECTION_LIMIT_REACHED), true, "no connection"},
    {CODE(TLS_PROTOCOL_ERROR), true, "no connection: TLS failed"},
    {CODE(TLS_CERTIFICATE_ERROR), true, "no connection: TLS failed"},
    {CODE(TLS_ALERT_RECEIVED), true, "no connection: TLS failed"},
    {CODE(HTTP_REQUEST_BODY_SIZE), false, "the request is larger than the host allows"},
    {CODE(HTTP_REQUEST_URI_TOO_LONG), false, "the request is larger than the host allows"},
    {CODE(HTTP_REQUEST_HEADER_SECTION_SIZE), false, "the request is larger than the host allows"},
    {CODE(HTTP_REQUEST_HEADER_SIZE), false, "the request is larger than the host allows"},
    {CODE(HTTP_RESPONSE_BODY_SIZE), false, "the answer is larger than the host allows"},
    {CODE(HTTP_RESPONSE_HEADER_SECTION_SIZE), false, "the answer is larger than the host allows"},
    {CODE(HTTP_RESPONSE_HEADER_SIZE), false, "the answer is larger than the host allows"},
    {CODE(HTTP_REQUEST_METHOD_INVALID), false, "the request is malformed"},
    {CODE(HTTP_REQUEST_URI_INVALID), false, "the request is malformed"},
    {CODE(HTTP_REQUEST_LENGTH_REQUIRED), false, "the request is malformed"},
};

// What an error code means to the task.
static lg_result error_of(lg_ctx *ctx, const wasi_http_types_error_code_t *code) {
  for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
    const meaning *found = &meanings[i];
    if (found->tag == code->tag) return found->may_pass ? lg_unavailable(ctx, found->message, 0) : lg_internal(ctx, found->message, NULL);
  }
  if (code->tag == CODE(INTERNAL_ERROR) && code->val.internal_error.is_some) {
    const calls_string_t *why = &code->val.internal_error.val;
    return lg_unavailable(ctx, lg_format(ctx, "the call failed: %s", lg_text_of(why->ptr, why->len)), 0);
  }
  return lg_unavailable(ctx, lg_format(ctx, "the call failed, with code %d of wasi:http", code->tag), 0);
}

static lg_result unexpected(lg_ctx *ctx, const char *what) {
  return lg_internal(ctx, lg_format(ctx, "the host breaks wasi:http: %s", what), NULL);
}

static const char *method_of(const lg_http_request *request) { return request->method ? request->method : "GET"; }

static wasi_http_types_method_t method_named(const char *name) {
  static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
  for (uint8_t tag = 0; tag < sizeof known / sizeof *known; tag++) {
    if (!strcmp(name, known[tag])) return (wasi_http_types_method_t){.tag = tag};
  }
  return (wasi_http_types_method_t){.tag = WASI_HTTP_TYPES_METHOD_OTHER, .val.other = view(name)};
}

static lg_result request_of(lg_ctx *ctx, const lg_http_request *request, const url *to, wasi_http_types_own_outgoing_request_t *made) {
  wasi_http_types_own_fields_t fields = wasi_http_types_constructor_fields();
  for (const lg_http_header *header = request->headers; header && header->name; header++) {
    if (!header->value) return lg_internal(ctx, lg_format(ctx, "header \"%s\" has no value", header->name), NULL);
    calls_string_t name = view(header->name), value = view(header->value);
    wasi_http_types_field_value_t bytes = {value.ptr, value.len};
    wasi_http_types_header_error_t error;
    if (!wasi_http_types_method_fields_append(wasi_http_types_borrow_fields(fields), &name, &bytes, &error)) {
      return lg_internal(ctx, lg_format(ctx, "header \"%s\" cannot be sent", header->name), NULL);
    }
  }
  *made = wasi_http_types_constructor_outgoing_request(fields);
  wasi_http_types_borrow_outgoing_request_t own = wasi_http_types_borrow_outgoing_request(*made);
  wasi_http_types_method_t method = method_named(method_of(request));
  wasi_http_types_scheme_t scheme = {.tag = to->https ? WASI_HTTP_TYPES_SCHEME_HTTPS : WASI_HTTP_TYPES_SCHEME_HTTP};
  calls_string_t authority = view(to->authority), path = view(to->path);
  bool good = wasi_http_types_method_outgoing_request_set_method(own, &method) &&
              wasi_http_types_method_outgoing_request_set_scheme(own, &scheme) &&
              wasi_http_types_method_outgoing_request_set_authority(own, &authority) &&
              wasi_http_types_method_outgoing_request_set_path_with_query(own, &path);
  if (good) return lg_ok();
  return lg_internal(ctx, lg_format(ctx, "%s \"%s\" cannot be sent", method_of(request), request->url), NULL);
}

// Whether the host knows timeouts.
static bool options_of(uint32_t timeout_ms, wasi_http_types_own_request_options_t *made) {
  wasi_http_types_duration_t ns = (uint64_t)timeout_ms * 1000000;
  *made = wasi_http_types_constructor_request_options();
  wasi_http_types_borrow_request_options_t own = wasi_http_types_borrow_request_options(*made);
  return wasi_http_types_method_request_options_set_connect_timeout(own, &ns) &&
         wasi_http_types_method_request_options_set_first_byte_timeout(own, &ns) &&
         wasi_http_types_method_request_options_set_between_bytes_timeout(own, &ns);
}

// Sends the body. Whoever answers early takes the rest no more, so a body that is not wanted is no error: the answer, or its absence,
// says what became of the call.
static void write_body(wasi_http_types_own_outgoing_body_t content, lg_bytes body) {
  wasi_http_types_own_output_stream_t stream;
  if (!wasi_http_types_method_outgoing_body_write(wasi_http_types_borrow_outgoing_body(content), &stream)) {
    wasi_http_types_outgoing_body_drop_own(content);
    return;
  }
  bool taken = true;
  for (size_t at = 0; taken && at < body.len; at += WRITE_BYTES_MAX) {
    calls_list_u8_t part = {(uint8_t *)body.ptr + at, body.len - at < WRITE_BYTES_MAX ? body.len - at : WRITE_BYTES_MAX};
    wasi_io_streams_stream_error_t error;
    taken = wasi_io_streams_method_output_stream_blocking_write_and_flush(wasi_io_streams_borrow_output_stream(stream), &part, &error);
    if (!taken && error.tag == WASI_IO_STREAMS_STREAM_ERROR_LAST_OPERATION_FAILED) {
      wasi_io_error_error_drop_own(error.val.last_operation_failed);
    }
  }
  // A body is finished when no stream to it is open.
  wasi_io_streams_output_stream_drop_own(stream);
  wasi_http_types_error_code_t error;
  if (taken) wasi_http_types_static_outgoing_body_finish(content, NULL, &error);
  else wasi_http_types_outgoing_body_drop_own(content);
}

static lg_result wait_for(lg_ctx *ctx, wasi_http_types_own_future_incoming_response_t future,
                          wasi_http_types_own_incoming_response_t *incoming) {
  wasi_http_types_borrow_future_incoming_response_t own = wasi_http_types_borrow_future_incoming_response(future);
  wasi_http_types_result_result_own_incoming_response_error_code_void_t got;
  while (!wasi_http_types_method_future_incoming_response_get(own, &got)) {
    wasi_http_types_own_pollable_t pollable = wasi_http_types_method_future_incoming_response_subscribe(own);
    wasi_io_poll_method_pollable_block(wasi_io_poll_borrow_pollable(pollable));
    wasi_io_poll_pollable_drop_own(pollable);
  }
  if (got.is_err) return unexpected(ctx, "an answer was taken twice");
  if (got.val.ok.is_err) return error_of(ctx, &got.val.ok.val.err);
  *incoming = got.val.ok.val.ok;
  return lg_ok();
}

static const lg_http_header *headers_of(lg_ctx *ctx, wasi_http_types_borrow_incoming_response_t incoming) {
  wasi_http_types_own_headers_t fields = wasi_http_types_method_incoming_response_headers(incoming);
  wasi_http_types_list_tuple2_field_name_field_value_t entries;
  wasi_http_types_method_fields_entries(wasi_http_types_borrow_fields(fields), &entries);
  wasi_http_types_fields_drop_own(fields);
  lg_http_header *made = lg_alloc(ctx, (entries.len + 1) * sizeof *made);
  // A NUL is behind each text, as behind everything that the host hands in.
  for (size_t i = 0; i < entries.len; i++) {
    made[i].name = lg_text_of(entries.ptr[i].f0.ptr, entries.ptr[i].f0.len);
    made[i].value = lg_text_of(entries.ptr[i].f1.ptr, entries.ptr[i].f1.len);
  }
  return made;
}

typedef struct part {
  calls_list_u8_t bytes;
  struct part *next;
} part;

// Why a stream ended, which is no error where the answer is whole.
static lg_result end_of(lg_ctx *ctx, const wasi_io_streams_stream_error_t *error) {
  if (error->tag == WASI_IO_STREAMS_STREAM_ERROR_CLOSED) return lg_ok();
  wasi_io_error_own_error_t cause = error->val.last_operation_failed;
  wasi_http_types_error_code_t code;
  lg_result failed;
  if (wasi_http_types_http_error_code(wasi_io_error_borrow_error(cause), &code)) {
    failed = error_of(ctx, &code);
  } else {
    calls_string_t why;
    wasi_io_error_method_error_to_debug_string(wasi_io_error_borrow_error(cause), &why);
    failed = lg_unavailable(ctx, lg_format(ctx, "the answer broke off: %s", lg_text_of(why.ptr, why.len)), 0);
  }
  wasi_io_error_error_drop_own(cause);
  return failed;
}

// The parts one behind the other: what is read twice would cost twice the memory.
static lg_result read_stream(lg_ctx *ctx, const lg_http_request *request, wasi_http_types_own_input_stream_t stream, lg_bytes *body) {
  part *first = NULL, **last = &first;
  size_t sum = 0;
  wasi_io_streams_stream_error_t error;
  calls_list_u8_t got;
  while (wasi_io_streams_method_input_stream_blocking_read(wasi_io_streams_borrow_input_stream(stream), READ_BYTES, &got, &error)) {
    if (!got.len) continue;
    *last = lg_alloc(ctx, sizeof **last);
    (*last)->bytes = got;
    last = &(*last)->next;
    sum += got.len;
    if (sum > bytes_max(request)) return too_large(ctx, request);
  }
  LG_TRY(end_of(ctx, &error));
  char *whole = lg_arena_take(&ctx->arena, NULL, 0, 1, sum + 1), *at = whole;
  for (const part *next = first; next; next = next->next) {
    memcpy(at, next->bytes.ptr, next->bytes.len);
    at += next->bytes.len;
  }
  *at = 0;
  *body = (lg_bytes){(const uint8_t *)whole, sum};
  return lg_ok();
}

static lg_result read_response(lg_ctx *ctx, const lg_http_request *request, wasi_http_types_own_incoming_response_t incoming,
                               lg_http_response *response) {
  wasi_http_types_borrow_incoming_response_t own = wasi_http_types_borrow_incoming_response(incoming);
  response->status = wasi_http_types_method_incoming_response_status(own);
  response->headers = headers_of(ctx, own);
  wasi_http_types_own_incoming_body_t body;
  if (!wasi_http_types_method_incoming_response_consume(own, &body)) return unexpected(ctx, "an answer has no body");
  wasi_http_types_own_input_stream_t stream;
  lg_result read = unexpected(ctx, "an answer has no stream");
  if (wasi_http_types_method_incoming_body_stream(wasi_http_types_borrow_incoming_body(body), &stream)) {
    read = read_stream(ctx, request, stream, &response->body);
    wasi_io_streams_input_stream_drop_own(stream);
  }
  wasi_http_types_incoming_body_drop_own(body);
  return read;
}

static lg_result send_request(lg_ctx *ctx, const lg_http_request *request, wasi_http_types_own_outgoing_request_t outgoing,
                              wasi_http_types_own_future_incoming_response_t *future) {
  wasi_http_types_own_request_options_t options;
  wasi_http_types_error_code_t error;
  bool limited = request->timeout_ms != 0;
  if (limited && !options_of(request->timeout_ms, &options)) return unexpected(ctx, "it knows no timeouts");
  if (!wasi_http_outgoing_handler_handle(outgoing, limited ? &options : NULL, future, &error)) return error_of(ctx, &error);
  return lg_ok();
}

static lg_result call(lg_ctx *ctx, const lg_http_request *request, const url *to, lg_http_response *response) {
  wasi_http_types_own_outgoing_request_t outgoing;
  wasi_http_types_own_outgoing_body_t content;
  wasi_http_types_own_future_incoming_response_t future;
  wasi_http_types_own_incoming_response_t incoming;
  LG_TRY(request_of(ctx, request, to, &outgoing));
  bool has_body = request->body.ptr != NULL;
  if (has_body && !wasi_http_types_method_outgoing_request_body(wasi_http_types_borrow_outgoing_request(outgoing), &content)) {
    return unexpected(ctx, "a request has no body");
  }
  LG_TRY(send_request(ctx, request, outgoing, &future));
  if (has_body) write_body(content, request->body);
  lg_result result = wait_for(ctx, future, &incoming);
  if (!lg_failed(result)) {
    result = read_response(ctx, request, incoming, response);
    wasi_http_types_incoming_response_drop_own(incoming);
  }
  wasi_http_types_future_incoming_response_drop_own(future);
  return result;
}

// The generated code refers to it; `lockgate component new` puts in what it would force into the module.
void __component_type_object_force_link_calls(void) {}

#endif
