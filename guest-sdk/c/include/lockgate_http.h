// Ask the external application, over plain wasi:http. A call blocks, and the task's deadline runs meanwhile.
//
//   lg_http_header headers[] = {{"authorization", lg_http_bearer(ctx, lg_secret(ctx, "token"))}, {0}};
//   lg_http_request request = {.url = lg_format(ctx, "https://crm.example.com/users/%s", lg_url_escape(ctx, id)), .headers = headers};
//   lg_http_response response;
//   LG_TRY(lg_http_send(ctx, &request, &response));
//   LG_TRY(lg_http_check(ctx, &response));
//   const lg_json *user;
//   LG_TRY(lg_json_parse(ctx, response.body, &user));
//
// The host sends a call only where the manifest asks for its host and the operator grants it; it follows no redirects. An error has a
// kind for the task: what may be better the next time is unavailable, the rest internal.
#ifndef LOCKGATE_HTTP_H
#define LOCKGATE_HTTP_H

#include "lockgate.h"

#ifdef __cplusplus
extern "C" {
#endif

// The longest body of a response that is read, unless the request says otherwise.
#define LG_HTTP_RESPONSE_BYTES_MAX (8u << 20)

typedef struct {
  const char *name, *value;
} lg_http_header;

typedef struct {
  const char *method;             // in capitals; NULL: GET
  const char *url;                // absolute, http or https
  const lg_http_header *headers;  // one without a name is behind the last; NULL: none
  lg_bytes body;                  // `ptr` NULL: none
  uint32_t timeout_ms;            // for the connection, then for the first byte, then for each next part; 0: as long as the host waits
  size_t response_bytes_max;      // 0: LG_HTTP_RESPONSE_BYTES_MAX
} lg_http_request;

typedef struct {
  int status;                     // for example 200
  const lg_http_header *headers;  // one without a name is behind the last
  lg_bytes body;                  // a NUL follows
} lg_http_response;

// Sends it and reads the response to its end. A response of any status is no error: see lg_http_check.
LG_NEEDED LG_RESULT lg_result lg_http_send(lg_ctx *ctx, const lg_http_request *request, lg_http_response *response);
// The error that a status which is not 2xx means to the task: 404 and 410 are not found; 408, 425, 429 and 5xx are unavailable, with
// the delay of a retry-after in seconds; the rest is internal.
LG_NEEDED LG_RESULT lg_result lg_http_check(lg_ctx *ctx, const lg_http_response *response);
// The first value under this name, in any case; NULL: none.
LG_NEEDED const char *lg_http_header_of(const lg_http_response *response, const char *name);

// Values of the header `authorization`. A secret that is NULL is a fault: ask for it in the manifest, and look before.
LG_NEEDED const char *lg_http_bearer(lg_ctx *ctx, const char *token);
// The host finds a secret in it all the same.
LG_NEEDED const char *lg_http_basic(lg_ctx *ctx, const char *user, const char *password);
// For a step of a path or a value in the query: everything but letters, digits and -._~ as %XX.
LG_NEEDED const char *lg_url_escape(lg_ctx *ctx, const char *text);

#ifdef __cplusplus
}
#endif
#endif
