// Answers and errors, in the form that the generated bindings hand to the host.

#include <string.h>

#include "internal.h"

lg_string lg_view(const char *text) { return (lg_string){(uint8_t *)text, text ? strlen(text) : 0}; }

lg_string lg_string_of(lg_ctx *ctx, const char *text) {
  if (!text) text = "";
  size_t len = strlen(text);
  if (!ctx->not_utf8 && !lg_is_utf8(text, len)) ctx->not_utf8 = "";
  return (lg_string){(uint8_t *)lg_copy_n(ctx, text, len), len};
}

connector_option_string_t lg_option_of(lg_ctx *ctx, const char *text) {
  if (!text) return (connector_option_string_t){0};
  return (connector_option_string_t){true, lg_string_of(ctx, text)};
}

static lockgate_connector_types_value_t value_of(lg_ctx *ctx, lg_value value) {
  lockgate_connector_types_value_t made = {.tag = value.tag};
  switch (value.tag) {
    case LG_TAG(NULL): break;
    case LG_TAG(BOOLEAN): made.val.boolean = value.val.boolean; break;
    case LG_TAG(REAL): made.val.real = value.val.real; break;
    case LG_TAG(INTEGER): made.val.integer = lg_string_of(ctx, lg_format(ctx, "%lld", (long long)value.val.integer)); break;
    // Texts and bytes have one layout.
    default: made.val.text = (lg_string){(uint8_t *)value.val.bytes.ptr, value.val.bytes.len};
  }
  return made;
}

static size_t count_of(const lg_field *field) {
  bool is_list = field->value.tag == LG_REFERENCES && field->value.val.bytes.len;
  return is_list ? field->value.val.bytes.len : 1;
}

// A list of references is as many fields of one name; the empty one is null.
static lg_value item_of(const lg_field *field, size_t at) {
  if (field->value.tag != LG_REFERENCES) return field->value;
  return field->value.val.bytes.len ? lg_reference(lg_ids(&field->value)[at]) : lg_null();
}

static lockgate_connector_types_list_field_t fields_of(lg_ctx *ctx, const lg_fields *fields) {
  size_t len = 0;
  for (const lg_field *field = fields->first; field; field = field->next) len += count_of(field);
  lockgate_connector_types_field_t *list = lg_alloc(ctx, len * sizeof *list), *at = list;
  for (const lg_field *field = fields->first; field; field = field->next) {
    lg_string name = lg_string_of(ctx, field->name);
    for (size_t i = 0; i < count_of(field); i++, at++) {
      lg_value item = item_of(field, i);
      const lg_bytes *text = &item.val.bytes;
      if (!ctx->not_utf8 && lg_has_text(item.tag) && !lg_is_utf8((const char *)text->ptr, text->len)) ctx->not_utf8 = field->name;
      at->name = name;
      at->value = value_of(ctx, item);
    }
  }
  return (lockgate_connector_types_list_field_t){list, len};
}

static lockgate_connector_types_list_child_t children_of(lg_ctx *ctx, const lg_object *object) {
  lockgate_connector_types_child_t *list = lg_alloc(ctx, object->children * sizeof *list), *at = list;
  for (const lg_child *child = object->first; child; child = child->next, at++) {
    *at = (lockgate_connector_types_child_t){
        .parent = {child->parent >= 0, (uint32_t)child->parent},
        .object_type = lg_string_of(ctx, child->object_type),
        .code_name = lg_string_of(ctx, child->code_name),
        .guid = lg_option_of(ctx, child->guid),
        .display_name = lg_option_of(ctx, child->display_name),
        .fields = fields_of(ctx, &child->fields),
    };
  }
  return (lockgate_connector_types_list_child_t){list, object->children};
}

// What is not UTF-8 cannot be answered: the host would refuse all of it, without a word about which.
static lg_result answered(lg_ctx *ctx, uint8_t code) {
  if (!ctx->not_utf8) return (lg_result){code};
  const char *field = ctx->not_utf8;
  ctx->not_utf8 = NULL;
  return lg_invalid(ctx, *field ? lg_format(ctx, "the text for field `%s` is not UTF-8", field) : "a name is not UTF-8", NULL);
}

lg_result lg_object_answer(lg_object *object) {
  lg_ctx *ctx = object->fields.ctx;
  ctx->answered = object;
  ctx->answer.prepared.tag = LOCKGATE_CONNECTOR_TYPES_PREPARED_OBJECT;
  ctx->answer.prepared.val.object = (lockgate_connector_types_info_object_t){
      .object_type = lg_string_of(ctx, object->object_type),
      .code_name = lg_string_of(ctx, object->code_name),
      .guid = lg_option_of(ctx, object->guid),
      .display_name = lg_option_of(ctx, object->display_name),
      .site = lg_option_of(ctx, object->site),
      .parent = lg_option_of(ctx, object->parent),
      .group = lg_option_of(ctx, object->group),
      .fields = fields_of(ctx, &object->fields),
      .children = children_of(ctx, object),
  };
  for (const lg_none *none = object->none; none; none = none->next) {
    lg_string object_type = lg_view(none->object_type);
    lockgate_connector_children_none(&object_type);
  }
  return answered(ctx, LG_PREPARED);
}

static lockgate_connector_types_option_page_parent_t parent_of(lg_ctx *ctx, const lg_page *page) {
  lockgate_connector_types_option_page_parent_t parent = {.is_some = true};
  if (page->parent_is_root) {
    parent.val.tag = LOCKGATE_CONNECTOR_TYPES_PAGE_PARENT_ROOT;
  } else if (page->parent_id) {
    parent.val.tag = LOCKGATE_CONNECTOR_TYPES_PAGE_PARENT_EXTERNAL;
    parent.val.val.external.id = lg_string_of(ctx, page->parent_id);
    parent.val.val.external.class_name = lg_string_of(ctx, page->parent_class);
  } else if (page->parent_guid) {
    parent.val.tag = LOCKGATE_CONNECTOR_TYPES_PAGE_PARENT_NODE_GUID;
    parent.val.val.node_guid = lg_string_of(ctx, page->parent_guid);
  } else if (page->parent_path) {
    parent.val.tag = LOCKGATE_CONNECTOR_TYPES_PAGE_PARENT_PATH;
    parent.val.val.path = lg_string_of(ctx, page->parent_path);
  } else {
    parent.is_some = false;
  }
  return parent;
}

lg_result lg_page_answer(lg_page *page) {
  lg_ctx *ctx = page->fields.ctx;
  ctx->answered = page;
  ctx->answer.prepared.tag = LOCKGATE_CONNECTOR_TYPES_PREPARED_PAGE;
  ctx->answer.prepared.val.page = (lockgate_connector_types_tree_node_t){
      .class_name = lg_string_of(ctx, page->class_name),
      .node_guid = lg_option_of(ctx, page->node_guid),
      .site = lg_option_of(ctx, page->site),
      .culture = lg_string_of(ctx, page->culture),
      .name = lg_string_of(ctx, page->name),
      .alias = lg_option_of(ctx, page->alias),
      .parent = parent_of(ctx, page),
      .order = {page->has_order, page->has_order ? page->order : 0},
      .published = {page->published != LG_UNCHANGED, page->published == LG_YES},
      .fields = fields_of(ctx, &page->fields),
  };
  return answered(ctx, LG_PREPARED);
}

lg_result lg_skip(lg_ctx *ctx, const char *reason) {
  ctx->answer.prepared.tag = LOCKGATE_CONNECTOR_TYPES_PREPARED_SKIP;
  ctx->answer.prepared.val.skip = lg_string_of(ctx, reason);
  return answered(ctx, LG_PREPARED);
}

lg_result lg_found_object(lg_ctx *ctx, lg_object_params params) {
  if (params.guid) {
    if (params.code_name || params.site || params.parent || params.group) {
      return lg_internal(ctx, "more than a GUID was answered: an object is found by its GUID alone", NULL);
    }
    lg_string guid = lg_string_of(ctx, params.guid);
    if (!ctx->not_utf8) lockgate_connector_identity_by_guid(&guid);
  }
  ctx->answer.object = (lockgate_connector_types_object_params_t){
      .code_name = lg_string_of(ctx, params.code_name),
      .site = lg_option_of(ctx, params.site),
      .parent = lg_option_of(ctx, params.parent),
      .group = lg_option_of(ctx, params.group),
  };
  return answered(ctx, LG_FOUND_OBJECT);
}

lg_result lg_found_page(lg_ctx *ctx, lg_document_params params) {
  ctx->answer.document = (lockgate_connector_types_document_params_t){
      .node_guid = lg_string_of(ctx, params.node_guid),
      .culture = lg_string_of(ctx, params.culture),
      .site = lg_string_of(ctx, params.site),
  };
  return answered(ctx, LG_FOUND_PAGE);
}

// A message may quote what came in, and that need not be UTF-8.
static const char *readable(lg_ctx *ctx, const char *text) {
  if (!text || lg_is_utf8(text, strlen(text))) return text;
  char *copy = lg_copy(ctx, text);
  lg_force_utf8(copy, strlen(copy));
  return copy;
}

static lg_result problem(lg_ctx *ctx, uint8_t tag, const char *message, const char *path) {
  ctx->answer.error = (lg_error){.tag = tag};
  // All kinds but `unavailable` have this layout.
  ctx->answer.error.val.invalid.message = lg_string_of(ctx, readable(ctx, message));
  ctx->answer.error.val.invalid.path = lg_option_of(ctx, readable(ctx, path));
  return (lg_result){LG_ERRED};
}

#define TAG(name) LOCKGATE_CONNECTOR_TYPES_CONNECTOR_ERROR_##name

lg_result lg_invalid(lg_ctx *ctx, const char *message, const char *path) { return problem(ctx, TAG(INVALID), message, path); }
lg_result lg_not_found(lg_ctx *ctx, const char *message, const char *path) { return problem(ctx, TAG(NOT_FOUND), message, path); }
lg_result lg_unsupported(lg_ctx *ctx, const char *message, const char *path) { return problem(ctx, TAG(UNSUPPORTED), message, path); }
lg_result lg_internal(lg_ctx *ctx, const char *message, const char *path) { return problem(ctx, TAG(INTERNAL), message, path); }

lg_result lg_unavailable(lg_ctx *ctx, const char *message, uint32_t retry_after_ms) {
  ctx->answer.error = (lg_error){.tag = TAG(UNAVAILABLE)};
  ctx->answer.error.val.unavailable.message = lg_string_of(ctx, readable(ctx, message));
  ctx->answer.error.val.unavailable.retry_after_ms = (connector_option_u32_t){retry_after_ms != 0, retry_after_ms};
  return (lg_result){LG_ERRED};
}

lg_result lg_ok(void) { return (lg_result){LG_OK}; }
bool lg_failed(lg_result result) { return result.code == LG_ERRED; }
