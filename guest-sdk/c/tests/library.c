// Tests of the library on the machine that it is written on, with stand-ins for the host:
//   cc -std=c11 -Iinclude -Igen tests/library.c -o library && ./library
// The library is compiled in, so that its own functions can be called.

#include "../src/lockgate.c"

#include <stdio.h>

static char logged[256];

void lockgate_connector_log_log(lockgate_connector_log_level_t level, connector_string_t *message) {
  snprintf(logged, sizeof logged, "%d %.*s", level, (int)message->len, message->ptr);
}
double lockgate_connector_clock_now_ms(void) { return 1764000000000.0; }
// As the host: at most 4,096 bytes a call.
void lockgate_connector_random_bytes(uint32_t len, connector_list_u8_t *ret) {
  ret->len = len < 4096 ? len : 4096;
  ret->ptr = memset(lg_arena_take(&lg_current.arena, NULL, 0, 1, ret->len), 7, ret->len);
}
bool lockgate_connector_settings_get(connector_string_t *key, connector_string_t *ret) {
  *ret = lg_view("EUR");
  return !strncmp((char *)key->ptr, "currency", key->len);
}
bool lockgate_connector_secrets_get(connector_string_t *name, connector_string_t *ret) { return (void)name, (void)ret, false; }
bool lockgate_connector_state_get(connector_string_t *key, connector_list_u8_t *ret) { return (void)key, (void)ret, false; }
bool lockgate_connector_state_set(connector_string_t *key, connector_list_u8_t *value, lockgate_connector_state_state_error_t *err) {
  (void)key, (void)value;
  *err = (lockgate_connector_state_state_error_t){LOCKGATE_CONNECTOR_STATE_STATE_ERROR_FULL, {.full = 64}};
  return false;
}
bool lockgate_connector_state_delete(connector_string_t *key, lockgate_connector_state_state_error_t *err) {
  return (void)key, (void)err, true;
}
void lockgate_connector_state_keys(connector_string_t *prefix, connector_list_string_t *ret) { (void)prefix, ret->len = 0; }

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  (void)external, (void)task;
  return lg_skip(ctx, "not asked here");
}

static int failures;
#define CHECK(condition)                                                                 \
  do {                                                                                   \
    if (!(condition)) failures++, printf("%s:%d: %s\n", __FILE__, __LINE__, #condition); \
  } while (0)
#define IS(string, expected) ((string).len == strlen(expected) && !memcmp((string).ptr, expected, (string).len))

static lg_ctx *const ctx = &lg_current;

static void an_object_has_its_fields_and_children_in_order(void) {
  char buffer[] = "one";
  lg_object *object = lg_object_new(ctx, "cms.role", "r");
  lg_set(object, "text", lg_text(buffer));
  buffer[0] = 'x';
  lg_set(object, "count", lg_integer(INT64_MIN));
  lg_set_opt(object, "absent", lg_text(NULL));
  lg_set(object, "cleared", lg_text(NULL));
  lg_child *child = lg_child_new(object, "shop.variant", "v");
  lg_child_of(child, "shop.size", "s");
  lg_binding_new(object, "cms.userrole", "user", "7");
  object->display_name = "Role";
  CHECK(lg_object_answer(object).code == LG_PREPARED);
  lockgate_connector_types_info_object_t *made = &ctx->answer.prepared.val.object;
  CHECK(made->fields.len == 3 && made->children.len == 3);
  CHECK(IS(made->fields.ptr[0].value.val.text, "one"));
  CHECK(IS(made->fields.ptr[1].value.val.integer, "-9223372036854775808"));
  CHECK(made->fields.ptr[2].value.tag == LOCKGATE_CONNECTOR_TYPES_VALUE_NULL);
  CHECK(!made->children.ptr[0].parent.is_some && made->children.ptr[1].parent.is_some && made->children.ptr[1].parent.val == 0);
  CHECK(made->children.ptr[2].code_name.len == 0 && IS(made->children.ptr[2].fields.ptr[0].value.val.reference, "7"));
  CHECK(IS(made->display_name.val, "Role") && !made->guid.is_some);
  CHECK(lg_get(object, "count")->val.integer == INT64_MIN && !lg_get(object, "absent"));
}

static void what_a_page_does_not_say_stays_unchanged(void) {
  lg_page *page = lg_page_new(ctx, "blog.post", "en-US", "Hello");
  lg_page_answer(page);
  lockgate_connector_types_tree_node_t *made = &ctx->answer.prepared.val.page;
  CHECK(!made->order.is_some && !made->published.is_some && !made->alias.is_some && !made->parent.is_some);
  page->parent_path = "/blog";
  page->published = LG_NO;
  page->has_order = true, page->order = -3;
  lg_page_answer(page);
  CHECK(made->published.is_some && !made->published.val && made->order.val == -3);
  CHECK(made->parent.is_some && IS(made->parent.val.val.path, "/blog"));
}

static void an_error_has_its_kind_message_and_path(void) {
  CHECK(lg_failed(lg_invalid(ctx, "no sku", "items[3].sku")) && ctx->answer.error.tag == LOCKGATE_CONNECTOR_TYPES_CONNECTOR_ERROR_INVALID);
  CHECK(IS(ctx->answer.error.val.invalid.message, "no sku") && IS(ctx->answer.error.val.invalid.path.val, "items[3].sku"));
  lg_unavailable(ctx, "down", 500);
  CHECK(ctx->answer.error.val.unavailable.retry_after_ms.val == 500);
  CHECK(lg_failed(lg_state_set(ctx, "k", (lg_bytes){0})) &&
        IS(ctx->answer.error.val.internal.message, "the state is full: the operator grants 64 bytes"));
  CHECK(!lg_failed(lg_state_delete(ctx, "k")) && !lg_failed(lg_ok()));
}

static void a_text_that_is_not_utf8_is_invalid_and_says_which(void) {
  lg_object *object = lg_object_new(ctx, "cms.role", "r");
  lg_set(object, "note", lg_text("caf\xe9"));
  CHECK(lg_failed(lg_object_answer(object)) && IS(ctx->answer.error.val.invalid.message, "the text for field `note` is not UTF-8"));
  CHECK(lg_is_utf8("\xf0\x9f\x98\x80", 4) && lg_is_utf8("\xc3\xa9", 2));
  CHECK(!lg_is_utf8("\xc0\x80", 2) && !lg_is_utf8("\xed\xa0\x80", 3) && !lg_is_utf8("\xf4\x90\x80\x80", 4) && !lg_is_utf8("\xe2\x82", 2));
}

static void format_writes_what_printf_writes(void) {
  CHECK(!strcmp(lg_format(ctx, "%s|%5s|%.2s|%c|%%", "ab", "ab", "abc", 'x'), "ab|   ab|ab|x|%"));
  CHECK(!strcmp(lg_format(ctx, "%d|%04d|%3d|%u|%x|%lld|%zu", -5, -42, 7, 4000000000u, 255, -1LL, (size_t)9),
                "-5|-042|  7|4000000000|ff|-1|9"));
  lg_log(LG_WARN, "%s", "caf\xe9");
  CHECK(!strcmp(logged, "3 caf?"));
}

static const char *why(const char *document) {
  const lg_json *parsed;
  CHECK(lg_failed(lg_json_parse(ctx, (lg_bytes){(const uint8_t *)document, strlen(document)}, &parsed)));
  return lg_copy_n(ctx, (char *)ctx->answer.error.val.invalid.message.ptr, ctx->answer.error.val.invalid.message.len);
}

static void json_is_read_or_refused_with_its_place(void) {
  const char *document = " {\"a\": [1, -2.5e3, true, null, {}], \"b\": \"x\\n\\u00e9\\ud83d\\ude00\\\"\", \"a\": \"last\"} ";
  const lg_json *parsed;
  CHECK(!lg_failed(lg_json_parse(ctx, (lg_bytes){(const uint8_t *)document, strlen(document)}, &parsed)));
  CHECK(!strcmp(lg_json_as_text(lg_json_get(parsed, "b")), "x\n\xc3\xa9\xf0\x9f\x98\x80\""));
  CHECK(!strcmp(lg_json_as_text(lg_json_get(parsed, "a")), "last") && !lg_json_get(parsed, "c") && !lg_json_as_id(NULL));
  CHECK(!strcmp(parsed->items->items->next->text, "-2.5e3") && parsed->items->items->next->next->boolean);
  CHECK(!strcmp(why("{\"a\":\n 01}"), "a number that JSON does not have at line 2 column 2"));
  CHECK(!strcmp(why("[1 2]"), "`,` or `]` is expected at line 1 column 4"));
  CHECK(!strcmp(why("[1"), "`,` or `]` is expected at line 1 column 3"));
  CHECK(!strcmp(why(""), "the document ends too early at line 1 column 1"));
  CHECK(!strcmp(why("{} x"), "something is behind the end of the document at line 1 column 4"));
  CHECK(!strncmp(why("\"\\ud800\""), "an escape", 9) && !strncmp(why("\"abc\\"), "a text without an end", 21));
  char deep[200];
  memset(deep, '[', sizeof deep - 1);
  deep[sizeof deep - 1] = 0;
  CHECK(!strncmp(why(deep), "nested too deep", 15));
}

// Computed with Python: uuid5(uuid5(NAMESPACE_URL, "urn:ietf:params:scim"), "Users/2819").
static void a_guid_never_changes(void) {
  CHECK(!strcmp(lg_guid_from_name(ctx, "urn:ietf:params:scim", "Users/2819"), "3bd688e6-0b80-55d6-bf6d-4e111b3b850b"));
}

static void the_host_is_asked_as_often_as_it_takes(void) {
  uint8_t bytes[5000] = {0};
  lg_random(bytes, sizeof bytes);
  CHECK(bytes[0] == 7 && bytes[4999] == 7);
  CHECK(lg_now_ms() == 1764000000000 && !strcmp(lg_setting(ctx, "currency"), "EUR") && !lg_setting(ctx, "x") && !lg_secret(ctx, "x"));
}

static void the_arena_is_used_again_after_a_call_and_what_is_kept_is_not(void) {
  char *lasting = lg_keep(10);
  strcpy(lasting, "kept");
  char *first = lg_alloc(ctx, 100);
  char *large = lg_alloc(ctx, 3 << 20);
  large[(3 << 20) - 1] = 1;
  lg_arena_reset(&ctx->arena);
  char *again = lg_alloc(ctx, 100);
  CHECK(again <= first && again[0] == 0);
  lg_chunk *last = ctx->arena.last;
  lg_alloc(ctx, 2 << 20);
  CHECK(ctx->arena.last == last && !strcmp(lasting, "kept"));
  char *grown = lg_arena_take(&ctx->arena, NULL, 0, 1, 10);
  CHECK(lg_arena_take(&ctx->arena, grown, 10, 1, 20) == grown);
}

int main(void) {
  an_object_has_its_fields_and_children_in_order();
  what_a_page_does_not_say_stays_unchanged();
  an_error_has_its_kind_message_and_path();
  a_text_that_is_not_utf8_is_invalid_and_says_which();
  format_writes_what_printf_writes();
  json_is_read_or_refused_with_its_place();
  a_guid_never_changes();
  the_host_is_asked_as_often_as_it_takes();
  the_arena_is_used_again_after_a_call_and_what_is_kept_is_not();
  printf("%s\n", failures ? "failed" : "ok");
  return failures != 0;
}
