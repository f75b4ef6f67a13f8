// A shop's products with their variants: the translation that the benchmark measures.

#include <lockgate.h>
#include <string.h>

LG_MANIFEST("manifest.toml");

static lg_value text(const lg_json *value) { return lg_text(lg_json_as_id(value)); }
static lg_value reference(const lg_json *value) { return lg_reference(lg_json_as_id(value)); }
static lg_value decimal(const lg_json *value) { return lg_decimal(lg_json_as_id(value)); }
static lg_value timestamp(const lg_json *value) { return lg_timestamp(lg_json_as_id(value)); }

static lg_value integer(const lg_json *value) {
  const char *digits = lg_json_as_id(value);
  return digits ? lg_integer(strtoll(digits, NULL, 10)) : lg_null();
}

static lg_value real(const lg_json *value) {
  const char *digits = lg_json_as_id(value);
  return digits ? lg_real(strtod(digits, NULL)) : lg_null();
}

static lg_value boolean(const lg_json *value) { return value && value->kind == LG_JSON_BOOLEAN ? lg_boolean(value->boolean) : lg_null(); }

// A field with the name of its member, and how it is read.
typedef struct {
  const char *name;
  lg_value (*read)(const lg_json *value);
} field;

static const field product_fields[] = {
    {"brand", text},   {"description", text}, {"category", reference}, {"supplier", reference}, {"price", decimal},
    {"cost", decimal}, {"weight", real},      {"stock", integer},      {"active", boolean},     {"colour", text},
    {"size", text},    {"ean", text},         {"url", text},           {"created", timestamp},  {"modified", timestamp},
};

static const field variant_fields[] = {
    {"colour", text}, {"size", text}, {"price", decimal}, {"stock", integer}, {"ean", text},
};

// What the shop leaves out stays as it is.
static void set_all(lg_fields *into, const lg_json *from, const field *fields, size_t count) {
  for (size_t i = 0; i < count; i++) lg_fields_set_opt(into, fields[i].name, fields[i].read(lg_json_get(from, fields[i].name)));
}

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  (void)task;
  const lg_json *product;
  LG_TRY(lg_json_parse(ctx, external->body, &product));
  const lg_json *id = lg_json_get(product, "id");
  const char *sku = lg_json_as_id(lg_json_get(product, "sku"));
  const char *name = lg_json_as_id(lg_json_get(product, "name"));
  if (!id || id->kind != LG_JSON_NUMBER) return lg_invalid(ctx, "a product needs a number", "id");
  if (!sku) return lg_invalid(ctx, "a product needs a SKU", "sku");
  if (!name) return lg_invalid(ctx, "a product needs a name", "name");

  lg_object *object = lg_object_new(ctx, "shop.product", sku);
  object->display_name = name;
  lg_set(object, "number", integer(id));
  set_all(&object->fields, product, product_fields, sizeof product_fields / sizeof *product_fields);
  const lg_json *variants = lg_json_get(product, "variants");
  for (const lg_json *variant = variants ? variants->items : NULL; variant; variant = variant->next) {
    const char *variant_sku = lg_json_as_id(lg_json_get(variant, "sku"));
    if (!variant_sku) return lg_invalid(ctx, "a variant needs a SKU", "variants");
    lg_child *child = lg_child_new(object, "shop.variant", variant_sku);
    set_all(&child->fields, variant, variant_fields, sizeof variant_fields / sizeof *variant_fields);
  }
  return lg_object_answer(object);
}

lg_result get_internal_object_params(lg_ctx *ctx, const char *id, const char *object_type) {
  if (!strcmp(object_type, "shop.category")) {
    return lg_found_object(ctx, (lg_object_params){.code_name = lg_format(ctx, "category-%s", id)});
  }
  if (!strcmp(object_type, "shop.supplier")) {
    const char *number = strncmp(id, "S-", 2) ? id : id + 2;
    return lg_found_object(ctx, (lg_object_params){.code_name = lg_format(ctx, "supplier-%s", number)});
  }
  return lg_unsupported(ctx, lg_format(ctx, "no references to %s", object_type), NULL);
}
