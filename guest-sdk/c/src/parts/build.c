// Builders: objects, pages, children and the values of their fields.

#include <string.h>

#include "internal.h"

static lg_value of_text(uint8_t tag, const char *text) {
  if (!text) return lg_null();
  return (lg_value){.tag = tag, .val.bytes = {(const uint8_t *)text, strlen(text)}};
}

lg_value lg_null(void) { return (lg_value){.tag = LG_TAG(NULL)}; }
lg_value lg_boolean(bool value) { return (lg_value){.tag = LG_TAG(BOOLEAN), .val.boolean = value}; }
lg_value lg_integer(int64_t value) { return (lg_value){.tag = LG_TAG(INTEGER), .val.integer = value}; }
lg_value lg_real(double value) { return (lg_value){.tag = LG_TAG(REAL), .val.real = value}; }
lg_value lg_decimal(const char *digits) { return of_text(LG_TAG(DECIMAL), digits); }
lg_value lg_text(const char *text) { return of_text(LG_TAG(TEXT), text); }
lg_value lg_timestamp(const char *rfc3339) { return of_text(LG_TAG(TIMESTAMP), rfc3339); }
lg_value lg_guid(const char *guid) { return of_text(LG_TAG(GUID), guid); }
lg_value lg_json_text(const char *document) { return of_text(LG_TAG(JSON), document); }
lg_value lg_reference(const char *external_id) { return of_text(LG_TAG(REFERENCE), external_id); }
lg_value lg_binary(lg_bytes bytes) { return (lg_value){.tag = LG_TAG(BINARY), .val.bytes = bytes}; }

lg_value lg_text_n(const char *text, size_t len) { return (lg_value){.tag = LG_TAG(TEXT), .val.bytes = {(const uint8_t *)text, len}}; }

lg_value lg_references(const char *const *external_ids, size_t count) {
  return (lg_value){.tag = LG_REFERENCES, .val.bytes = {(const uint8_t *)(const void *)external_ids, count}};
}

bool lg_has_text(uint8_t tag) { return tag == LG_TAG(DECIMAL) || (tag >= LG_TAG(TEXT) && tag != LG_TAG(BINARY) && tag != LG_REFERENCES); }

static lg_value references_copied(lg_ctx *ctx, const char *field, lg_value value) {
  const char *const *ids = lg_ids(&value);
  size_t count = value.val.bytes.len;
  const char **copies = lg_alloc(ctx, (count + 1) * sizeof *copies);
  for (size_t i = 0; i < count; i++) {
    if (!ids[i] || !*ids[i]) lg_panic("field `%s` refers to an empty id, at %zu of its list", field, i);
    for (size_t j = 0; j < i; j++) {
      if (!strcmp(ids[i], ids[j])) lg_panic("field `%s` refers to `%s` twice", field, ids[i]);
    }
    copies[i] = lg_copy(ctx, ids[i]);
  }
  return lg_references(copies, count);
}

static lg_field *find(const lg_fields *fields, const char *name) {
  for (lg_field *field = fields->first; field; field = field->next) {
    if (!strcmp(field->name, name)) return field;
  }
  return NULL;
}

static lg_field *append(lg_fields *fields, const char *name) {
  lg_field *field = lg_alloc(fields->ctx, sizeof *field);
  field->name = lg_copy(fields->ctx, name);
  if (fields->last) fields->last->next = field;
  else fields->first = field;
  fields->last = field;
  fields->len++;
  return field;
}

void lg_fields_set(lg_fields *fields, const char *name, lg_value value) {
  lg_ctx *ctx = fields->ctx;
  lg_field *field = find(fields, name);
  if (!field) field = append(fields, name);
  if (lg_has_text(value.tag) || value.tag == LG_TAG(BINARY)) {
    lg_bytes *bytes = &value.val.bytes;
    bytes->ptr = (const uint8_t *)lg_copy_n(ctx, (const char *)bytes->ptr, bytes->len);
  }
  if (value.tag == LG_REFERENCES) value = references_copied(ctx, name, value);
  field->value = value;
}

void lg_fields_set_opt(lg_fields *fields, const char *name, lg_value value) {
  if (value.tag != LG_TAG(NULL)) lg_fields_set(fields, name, value);
}

const lg_value *lg_fields_get(const lg_fields *fields, const char *name) {
  const lg_field *field = find(fields, name);
  return field ? &field->value : NULL;
}

lg_object *lg_object_new(lg_ctx *ctx, const char *object_type, const char *code_name) {
  lg_object *object = lg_alloc(ctx, sizeof *object);
  object->object_type = lg_copy(ctx, object_type);
  object->code_name = lg_copy(ctx, code_name);
  object->fields.ctx = ctx;
  return object;
}

lg_page *lg_page_new(lg_ctx *ctx, const char *class_name, const char *culture, const char *name) {
  lg_page *page = lg_alloc(ctx, sizeof *page);
  page->class_name = lg_copy(ctx, class_name);
  page->culture = lg_copy(ctx, culture);
  page->name = lg_copy(ctx, name);
  page->fields.ctx = ctx;
  return page;
}

lg_child *lg_child_new(lg_object *object, const char *object_type, const char *code_name) {
  lg_ctx *ctx = object->fields.ctx;
  lg_child *child = lg_alloc(ctx, sizeof *child);
  child->object_type = lg_copy(ctx, object_type);
  child->code_name = lg_copy(ctx, code_name);
  child->fields.ctx = ctx;
  child->object = object;
  child->index = object->children++;
  child->parent = -1;
  if (object->last) object->last->next = child;
  else object->first = child;
  object->last = child;
  return child;
}

lg_child *lg_child_of(lg_child *parent, const char *object_type, const char *code_name) {
  lg_child *child = lg_child_new(parent->object, object_type, code_name);
  child->parent = parent->index;
  return child;
}

lg_child *lg_binding_new(lg_object *object, const char *object_type, const char *field, const char *external_id) {
  lg_child *binding = lg_child_new(object, object_type, "");
  lg_set(binding, field, lg_reference(external_id));
  return binding;
}

static lg_none **place_of(lg_none **list, const char *object_type) {
  while (*list && strcmp((*list)->object_type, object_type) != 0) list = &(*list)->next;
  return list;
}

void lg_children_none(lg_object *object, const char *object_type) {
  lg_none **place = place_of(&object->none, object_type);
  if (*place) return;
  *place = lg_alloc(object->fields.ctx, sizeof **place);
  (*place)->object_type = lg_copy(object->fields.ctx, object_type);
}

void lg_children_leave(lg_object *object, const char *object_type) {
  lg_none **place = place_of(&object->none, object_type);
  if (*place) *place = (*place)->next;
}

bool lg_children_are_none(const lg_object *object, const char *object_type) {
  lg_none *none = object->none;
  return *place_of(&none, object_type) != NULL;
}
