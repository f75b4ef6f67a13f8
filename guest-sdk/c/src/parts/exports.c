// The exported interface on top of the three methods.

#include "internal.h"

lg_ctx lg_current;
void (*lg_at_end)(void);

typedef exports_lockgate_connector_translator_external_object_t external_object;
typedef exports_lockgate_connector_translator_prepared_t prepared;
typedef exports_lockgate_connector_translator_object_params_t object_params;
typedef exports_lockgate_connector_translator_document_params_t document_params;

static const char *text_of(const connector_string_t *text) { return lg_text_of(text->ptr, text->len); }

// Whether the method answered; an answer of another method's kind, or none at all, is a fault.
static bool took(lg_result result, uint8_t code, const char *method, lg_error *error) {
  if (lg_at_end) lg_at_end();
  if (result.code == code) return true;
  if (!lg_failed(result)) {
    lg_result fault =
        lg_internal(&lg_current, lg_format(&lg_current, "%s returned something else than an answer of its own or an error", method), NULL);
    (void)fault;  // its error is the one that follows
  }
  *error = lg_current.answer.error;
  return false;
}

bool exports_lockgate_connector_translator_prepare_internal_object(external_object *external, uint8_t task_type, uint8_t data_type,
                                                                   connector_string_t *site_name, prepared *answer, lg_error *error) {
  lg_external given = {text_of(&external->media_type),
                       {(const uint8_t *)lg_text_of(external->body.ptr, external->body.len), external->body.len}};
  lg_task task = {(lg_task_type)task_type, (lg_data_type)data_type, site_name ? text_of(site_name) : NULL};
  lg_result result = prepare_internal_object(&lg_current, &given, &task);
  if (!took(result, LG_PREPARED, "prepare_internal_object", error)) return false;
  *answer = lg_current.answer.prepared;
  return true;
}

bool exports_lockgate_connector_translator_get_internal_object_params(connector_string_t *id, connector_string_t *object_type,
                                                                      object_params *answer, lg_error *error) {
  lg_result result = get_internal_object_params(&lg_current, text_of(id), text_of(object_type));
  if (!took(result, LG_FOUND_OBJECT, "get_internal_object_params", error)) return false;
  *answer = lg_current.answer.object;
  return true;
}

bool exports_lockgate_connector_translator_get_internal_document_params(connector_string_t *id, connector_string_t *class_name,
                                                                        document_params *answer, lg_error *error) {
  lg_result result = get_internal_document_params(&lg_current, text_of(id), text_of(class_name));
  if (!took(result, LG_FOUND_PAGE, "get_internal_document_params", error)) return false;
  *answer = lg_current.answer.document;
  return true;
}

#ifdef __wasm__
// The host has read the answer. In place of the generated functions, which free it piece by piece.
#define POST_RETURN(export, function)                                                             \
  __attribute__((export_name("cabi_post_lockgate:connector/translator@1.1.0#" export))) void      \
  __wasm_export_exports_lockgate_connector_translator_##function##_post_return(uint8_t *answer) { \
    (void)answer;                                                                                 \
    lg_arena_reset(&lg_current.arena);                                                            \
  }
POST_RETURN("prepare-internal-object", prepare_internal_object)
POST_RETURN("get-internal-object-params", get_internal_object_params)
POST_RETURN("get-internal-document-params", get_internal_document_params)
#endif

// The generated code refers to it, for toolchains that link the type of the world as an object;
// `lockgate component new` puts it in.
void __component_type_object_force_link_connector(void) {}
