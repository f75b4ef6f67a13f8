// The two methods that a connector without references does not define.

#include "internal.h"

__attribute__((weak)) lg_result get_internal_object_params(lg_ctx *ctx, const char *id, const char *object_type) {
  (void)id;
  return lg_unsupported(ctx, lg_format(ctx, "this connector translates no references to object type \"%s\"", object_type), NULL);
}

__attribute__((weak)) lg_result get_internal_document_params(lg_ctx *ctx, const char *id, const char *class_name) {
  (void)id;
  return lg_unsupported(ctx, lg_format(ctx, "this connector translates no references to page type \"%s\"", class_name), NULL);
}
