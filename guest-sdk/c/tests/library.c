// Tests of the library on the machine that it is written on, with the stand-ins for the host of lockgate_test.h:
//   cc -std=c11 -Iinclude tests/library.c test/lockgate_test.c -o library && ./library
// The library is compiled in, so that its own functions can be called.

#include "../src/lockgate.c"
#include "lockgate_json.h"
#include "lockgate_test.h"

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  (void)task;
  if (external->body.len) return lg_page_answer(lg_page_new(ctx, "blog.post", "en-US", (const char *)external->body.ptr));
  return lg_skip(ctx, "not asked here");
}

#define CHECK(condition) LG_CHECK(condition)
#define IS(string, expected) ((string).len == strlen(expected) && !memcmp((string).ptr, expected, (string).len))

#define SAME(text, expected) ((text) && !strcmp(text, expected))

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
  CHECK(!lg_failed(lg_page_answer(page)));
  lockgate_connector_types_tree_node_t *made = &ctx->answer.prepared.val.page;
  CHECK(!made->order.is_some && !made->published.is_some && !made->alias.is_some && !made->parent.is_some);
  page->parent_path = "/blog";
  page->published = LG_NO;
  page->has_order = true, page->order = -3;
  CHECK(!lg_failed(lg_page_answer(page)));
  CHECK(made->published.is_some && !made->published.val && made->order.val == -3);
  CHECK(made->parent.is_some && IS(made->parent.val.val.path, "/blog"));
}

static void an_error_has_its_kind_message_and_path(void) {
  CHECK(lg_failed(lg_invalid(ctx, "no sku", "items[3].sku")) && ctx->answer.error.tag == LOCKGATE_CONNECTOR_TYPES_CONNECTOR_ERROR_INVALID);
  CHECK(IS(ctx->answer.error.val.invalid.message, "no sku") && IS(ctx->answer.error.val.invalid.path.val, "items[3].sku"));
  CHECK(lg_failed(lg_unavailable(ctx, "down", 500)));
  CHECK(ctx->answer.error.val.unavailable.retry_after_ms.val == 500);
  CHECK(lg_failed(lg_state_set(ctx, "", (lg_bytes){0})) &&
        IS(ctx->answer.error.val.internal.message, "a key of the state is empty or longer than 256 bytes"));
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
  CHECK(!strcmp(lg_test_logged(), "warn: caf?\n"));
}

static const char *message(void) {
  return lg_copy_n(ctx, (char *)ctx->answer.error.val.invalid.message.ptr, ctx->answer.error.val.invalid.message.len);
}

static lg_bytes bytes_of(const char *text) { return (lg_bytes){(const uint8_t *)text, strlen(text)}; }

static const char *why_not(lg_bytes document) {
  const lg_json *parsed = (const lg_json *)"not set";
  CHECK(lg_failed(lg_json_parse(ctx, document, &parsed)) && !parsed);
  return message();
}

static const char *why(const char *document) { return why_not(bytes_of(document)); }

static const lg_json *read(const char *document) {
  const lg_json *parsed;
  CHECK(!lg_failed(lg_json_parse(ctx, bytes_of(document), &parsed)));
  return parsed;
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
  // What is behind a NUL counts, and what is not UTF-8 sets what was asked for.
  CHECK(!strncmp(why_not((lg_bytes){(const uint8_t *)"{}\0x", 4}), "something is behind", 19));
  CHECK(!strncmp(why_not((lg_bytes){(const uint8_t *)"\0", 1}), "a value is expected", 19));
  CHECK(!strcmp(why("\"\xff\""), "the document is not UTF-8"));
  CHECK(read("\xef\xbb\xbf[]")->kind == LG_JSON_ARRAY);
  char deep[2 * LG_JSON_DEPTH_MAX + 3] = "";
  memset(deep, '[', LG_JSON_DEPTH_MAX);
  memset(deep + LG_JSON_DEPTH_MAX, ']', LG_JSON_DEPTH_MAX);
  CHECK(lg_json_count(read(deep)) == 1);
  memset(deep, '[', LG_JSON_DEPTH_MAX + 1);
  CHECK(!strncmp(why(deep), "nested too deep", 15));
}

static void a_json_value_is_what_it_is_and_nothing_else(void) {
  const lg_json *list = read("[7, \"7\", true, null, 9223372036854775807, 9223372036854775808, -9223372036854775808, 7.0]");
  const lg_json *number = lg_json_items(list), *text = number->next, *yes = text->next, *nothing = yes->next, *most = nothing->next;
  int64_t integer = 1;
  bool boolean = false;
  CHECK(lg_json_as_integer(number, &integer) && integer == 7 && !strcmp(lg_json_as_number(number), "7") && !lg_json_as_text(number));
  CHECK(!strcmp(lg_json_as_text(text), "7") && !lg_json_as_number(text) && !lg_json_as_integer(text, &integer));
  CHECK(!strcmp(lg_json_as_id(number), lg_json_as_id(text)) && !lg_json_as_id(yes) && !lg_json_as_id(nothing));
  CHECK(lg_json_as_boolean(yes, &boolean) && boolean && !lg_json_as_boolean(text, &boolean));
  CHECK(lg_json_is(nothing, LG_JSON_NULL) && !lg_json_is(NULL, LG_JSON_NULL));
  CHECK(lg_json_as_integer(most, &integer) && integer == INT64_MAX && !lg_json_as_integer(most->next, &integer));
  CHECK(lg_json_as_integer(most->next->next, &integer) && integer == INT64_MIN && !lg_json_as_integer(most->next->next->next, &integer));
}

static void json_is_written(void) {
  lg_json_writer *to = lg_json_write(ctx);
  lg_json_begin_object(to);
  lg_json_put_name(to, "a\"b"), lg_json_put_text(to, "x\n\xc3\xa9\xff");
  lg_json_put_name(to, "list"), lg_json_begin_array(to);
  lg_json_put_integer(to, INT64_MIN), lg_json_put_number(to, "-12.50"), lg_json_put_boolean(to, true), lg_json_put_text(to, NULL);
  lg_json_begin_object(to), lg_json_end(to);
  lg_json_end(to);
  lg_json_put_name(to, "read"), lg_json_put(to, read("{\"k\": [1, \"v\", null, false]}"));
  lg_json_end(to);
  CHECK(!strcmp(lg_json_written(to),
                "{\"a\\\"b\":\"x\\u000a\xc3\xa9\xef\xbf\xbd\",\"list\":[-9223372036854775808,-12.50,true,null,{}],"
                "\"read\":{\"k\":[1,\"v\",null,false]}}"));
  to = lg_json_write(ctx);
  lg_json_begin_array(to);
  for (int i = 0; i < 10000; i++) lg_json_put_text(to, "some text");
  lg_json_end(to);
  CHECK(strlen(lg_json_written(to)) == 120001);
}

static void a_field_that_is_set_twice_has_the_last_value(void) {
  lg_object *object = lg_object_new(ctx, "cms.role", "r");
  lg_set(object, "rank", lg_text("caf\xe9"));
  lg_set(object, "note", lg_null());
  lg_set(object, "rank", lg_integer(2));
  CHECK(object->fields.len == 2 && lg_get(object, "rank")->val.integer == 2 && !lg_failed(lg_object_answer(object)));
  lg_child *child = lg_child_new(object, "a.b", "c");
  lg_set(child, "rank", lg_integer(1)), lg_set(child, "rank", lg_integer(2));
  lg_page *page = lg_page_new(ctx, "a.b", "en-US", "c");
  lg_set(page, "rank", lg_integer(1)), lg_set(page, "rank", lg_integer(2));
  CHECK(child->fields.len == 1 && page->fields.len == 1);
}

static void a_list_of_references_is_as_many_fields_and_an_empty_one_clears(void) {
  lg_object *object = lg_object_new(ctx, "cms.role", "r");
  const char *ids[] = {"b", "a"};
  lg_set(object, "tags", lg_references(ids, 2));
  ids[0] = "x";
  lg_set(object, "none", lg_references(NULL, 0));
  CHECK(!lg_failed(lg_object_answer(object)));
  lockgate_connector_types_list_field_t fields = ctx->answer.prepared.val.object.fields;
  CHECK(fields.len == 3 && IS(fields.ptr[0].name, "tags") && IS(fields.ptr[1].name, "tags"));
  CHECK(IS(fields.ptr[0].value.val.reference, "b") && IS(fields.ptr[1].value.val.reference, "a"));
  CHECK(fields.ptr[2].value.tag == LOCKGATE_CONNECTOR_TYPES_VALUE_NULL);
}

static void that_there_are_no_children_is_said_and_taken_back(void) {
  lg_object *object = lg_object_new(ctx, "cms.role", "r");
  lg_children_none(object, "cms.userrole"), lg_children_none(object, "cms.userrole"), lg_children_none(object, "cms.note");
  lg_children_leave(object, "cms.userrole"), lg_children_leave(object, "cms.other");
  CHECK(lg_children_are_none(object, "cms.note") && !lg_children_are_none(object, "cms.userrole"));
}

static void an_object_is_found_by_its_guid_alone_or_by_its_code_name(void) {
  CHECK(!lg_failed(lg_found_object(ctx, (lg_object_params){.guid = "26394b70-74b5-505e-b7a4-e8e4b6642ce5"})));
  CHECK(!lg_failed(lg_found_object(ctx, (lg_object_params){.code_name = "a", .parent = "b"})));
  CHECK(lg_failed(lg_found_object(ctx, (lg_object_params){.guid = "26394b70-74b5-505e-b7a4-e8e4b6642ce5", .parent = "b"})));
}

static void what_is_known_of_the_task_is_told_and_warnings_are_seen(void) {
  lg_test_task("Import of May", "may.json", NULL);
  CHECK(!strcmp(lg_task_title(ctx), "Import of May") && !strcmp(lg_task_file_name(ctx), "may.json") && !lg_task_site(ctx));
  CHECK(lg_test_prepare("", NULL).skipped);
  lg_warn(ctx, "items[3].price", "rounded to %s", "7.50");
  lg_warn(ctx, NULL, "no VAT");
  CHECK(!strcmp(lg_test_warned(), "items[3].price: rounded to 7.50\nno VAT\n"));
  CHECK(!strcmp(lg_test_prepare("Hello", NULL).page->name, "Hello") && !*lg_test_warned());
}

static lg_result application(lg_ctx *call, const lg_http_request *request, lg_http_response *response) {
  if (strcmp(request->url, "https://crm.example.com/users/7?full=1") != 0) return lg_unavailable(call, "the connection was refused", 0);
  static const lg_http_header headers[] = {{"Retry-After", "2"}, {0}};
  *response = (lg_http_response){(int)request->body.len, headers, bytes_of("{\"name\": \"Anna\"}")};
  return lg_ok();
}

LG_NEEDED static lg_result asked(const char *url, size_t status, lg_http_response *response) {
  lg_http_request request = {.method = "POST", .url = url, .body = {(const uint8_t *)"", status}};
  return lg_http_send(ctx, &request, response);
}

static void a_call_is_answered_and_its_status_says_what_becomes_of_the_task(void) {
  lg_http_response response;
  const char *url = "https://crm.example.com/users/7?full=1";
  CHECK(lg_failed(asked(url, 200, &response)));
  lg_test_calls(application);
  CHECK(!lg_failed(asked(url, 200, &response)) && !lg_failed(lg_http_check(ctx, &response)));
  CHECK(SAME((const char *)response.body.ptr, "{\"name\": \"Anna\"}") && SAME(lg_http_header_of(&response, "retry-after"), "2"));
  static const struct {
    size_t status;
    uint8_t tag;
  } meant[] = {{302, 4}, {401, 4}, {404, 1}, {410, 1}, {429, 2}, {503, 2}};
  for (size_t i = 0; i < sizeof meant / sizeof *meant; i++) {
    CHECK(!lg_failed(asked(url, meant[i].status, &response)) && lg_failed(lg_http_check(ctx, &response)));
    CHECK(ctx->answer.error.tag == meant[i].tag);
  }
  CHECK(ctx->answer.error.val.unavailable.retry_after_ms.val == 2000);
  static const char *const none[] = {"", "a/b", "ftp://a/b", "http:///b", "http://a b/", "http://a/\r\nx: y", "http://u@a/", "https://:1/"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    CHECK(lg_failed(asked(none[i], 200, &response)) && !strncmp(message(), "no URL", 6));
  }
  CHECK(lg_failed(asked("https://other/", 200, &response)) && !strcmp(message(), "the connection was refused"));
  CHECK(!strcmp(lg_http_basic(ctx, "user", "pass"), "Basic dXNlcjpwYXNz") && !strcmp(lg_http_basic(ctx, "a", ""), "Basic YTo="));
  CHECK(!strcmp(lg_http_basic(ctx, "ab", ""), "Basic YWI6") && !strcmp(lg_http_bearer(ctx, "t"), "Bearer t"));
  CHECK(!strcmp(lg_url_escape(ctx, "a b/\xc3\xa9~"), "a%20b%2F%C3%A9~"));
}

static void the_state_of_a_test_is_kept_until_it_is_emptied(void) {
  lg_test_state(true);
  CHECK(!lg_failed(lg_state_set(ctx, "b", bytes_of("2"))) && !lg_failed(lg_state_set(ctx, "a", bytes_of("1"))));
  const char **keys = lg_state_keys(ctx, "");
  CHECK(!strcmp(keys[0], "a") && !strcmp(keys[1], "b") && !keys[2] && lg_state_get(ctx, "b").len == 1);
  CHECK(!lg_failed(lg_state_delete(ctx, "b")) && !lg_state_get(ctx, "b").ptr);
  lg_test_state(false);
  CHECK(lg_failed(lg_state_set(ctx, "a", bytes_of("1"))) && !lg_state_get(ctx, "a").ptr);
}

// Computed with Python: uuid5(uuid5(NAMESPACE_URL, "urn:ietf:params:scim"), "Users/2819").
static void a_guid_never_changes(void) {
  CHECK(!strcmp(lg_guid_from_name(ctx, "urn:ietf:params:scim", "Users/2819"), "3bd688e6-0b80-55d6-bf6d-4e111b3b850b"));
}

static void the_host_is_asked_as_often_as_it_takes(void) {
  uint8_t bytes[5000] = {0};
  lg_random(bytes, sizeof bytes);
  CHECK(memcmp(bytes, bytes + 4200, 800) != 0 && (bytes[4998] || bytes[4999]));
  lg_test_setting("currency", "EUR");
  lg_test_secret("token", "placeholder");
  lg_test_now_ms(1764000000000);
  CHECK(lg_now_ms() == 1764000000000 && !strcmp(lg_setting(ctx, "currency"), "EUR") && !lg_setting(ctx, "x"));
  CHECK(!strcmp(lg_secret(ctx, "token"), "placeholder") && !lg_secret(ctx, "x"));
}

static void the_arena_is_used_again_after_a_call_and_what_is_kept_is_not(void) {
  char *lasting = lg_keep(10);
  memcpy(lasting, "kept", 5);
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
  a_json_value_is_what_it_is_and_nothing_else();
  json_is_written();
  a_field_that_is_set_twice_has_the_last_value();
  a_list_of_references_is_as_many_fields_and_an_empty_one_clears();
  that_there_are_no_children_is_said_and_taken_back();
  an_object_is_found_by_its_guid_alone_or_by_its_code_name();
  what_is_known_of_the_task_is_told_and_warnings_are_seen();
  a_call_is_answered_and_its_status_says_what_becomes_of_the_task();
  the_state_of_a_test_is_kept_until_it_is_emptied();
  a_guid_never_changes();
  the_host_is_asked_as_often_as_it_takes();
  the_arena_is_used_again_after_a_call_and_what_is_kept_is_not();
  return lg_test_end();
}
