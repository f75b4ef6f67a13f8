// Articles become pages. The README shows parts of it.

#include <lockgate.h>
#include <lockgate_http.h>
#include <lockgate_json.h>
#include <string.h>

LG_MANIFEST("manifest.toml");

static const char *guid_of(lg_ctx *ctx, const char *kind, const char *id) {
  return lg_guid_from_name(ctx, "https://blog.example", lg_format(ctx, "%s/%s", kind, id));
}

static const char *culture(lg_ctx *ctx) {
  const char *set = lg_setting(ctx, "culture");
  if (!set) lg_warn(ctx, NULL, "no setting culture: English is taken");
  return set ? set : "en-US";
}

// A list of the application becomes a list of references; the empty one clears.
static lg_value tags_of(lg_ctx *ctx, const lg_json *tags) {
  const char **ids = lg_alloc(ctx, (lg_json_count(tags) + 1) * sizeof *ids);
  size_t count = 0;
  for (const lg_json *tag = lg_json_items(tags); tag; tag = tag->next) {
    if (lg_json_as_id(tag)) ids[count++] = lg_json_as_id(tag);
  }
  return lg_references(ids, count);
}

// An article is a page below the page of its section.
static lg_result page(lg_ctx *ctx, const char *id, const lg_json *article) {
  const char *title = lg_json_as_text(lg_json_get(article, "title"));
  if (!title) return lg_invalid(ctx, "an article needs a title", "title");
  lg_page *page = lg_page_new(ctx, "blog.post", culture(ctx), title);
  page->node_guid = guid_of(ctx, "articles", id);
  page->parent_id = lg_json_as_id(lg_json_get(article, "section"));
  page->parent_class = "blog.section";
  page->published = LG_YES;
  lg_set_opt(page, "body", lg_text(lg_json_as_text(lg_json_get(article, "body"))));
  lg_set_opt(page, "price", lg_decimal(lg_json_as_number(lg_json_get(article, "price"))));
  const lg_json *tags = lg_json_get(article, "tags");
  if (lg_json_is(tags, LG_JSON_ARRAY)) lg_set(page, "tags", tags_of(ctx, tags));
  return lg_page_answer(page);
}

// A delete names the page, and no more.
static lg_result deleted(lg_ctx *ctx, const char *id) {
  lg_page *page = lg_page_new(ctx, "blog.post", culture(ctx), id);
  page->node_guid = guid_of(ctx, "articles", id);
  return lg_page_answer(page);
}

// Whether this version was stored by an earlier task. What is written is kept if this task succeeds.
static lg_result remember(lg_ctx *ctx, const char *id, const char *version, bool *is_stored) {
  const char *key = lg_format(ctx, "version/%s", id);
  lg_bytes stored = lg_state_get(ctx, key);
  *is_stored = stored.ptr && !strcmp((const char *)stored.ptr, version);
  if (*is_stored) return lg_ok();
  return lg_state_set(ctx, key, (lg_bytes){(const uint8_t *)version, strlen(version)});
}

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  const lg_json *article;
  LG_TRY(lg_json_parse(ctx, external->body, &article));
  const char *id = lg_json_as_id(lg_json_get(article, "id"));
  if (!id) return lg_invalid(ctx, "an article needs an id", "id");
  if (task->task_type == LG_DELETE_DOCUMENT) return deleted(ctx, id);
  const char *version = lg_json_as_id(lg_json_get(article, "version"));
  bool is_stored = false;
  if (version) LG_TRY(remember(ctx, id, version, &is_stored));
  if (is_stored) return lg_skip(ctx, "this version is stored already");
  return page(ctx, id, article);
}

// Tags are known by their GUID; the application says which.
lg_result get_internal_object_params(lg_ctx *ctx, const char *id, const char *object_type) {
  if (strcmp(object_type, "blog.tag") != 0) return lg_unsupported(ctx, lg_format(ctx, "no references to %s", object_type), NULL);
  const char *token = lg_secret(ctx, "token");
  if (!token) return lg_internal(ctx, "the secret token is not granted", NULL);
  lg_http_header headers[] = {{"authorization", lg_http_bearer(ctx, token)}, {"content-type", "application/json"}, {0}};
  lg_json_writer *body = lg_json_write(ctx);
  lg_json_begin_object(body);
  lg_json_put_name(body, "tag"), lg_json_put_text(body, id);
  lg_json_end(body);
  const char *written = lg_json_written(body);
  lg_http_request request = {
      .method = "POST", .url = "https://blog.example/tags", .headers = headers, .body = {(const uint8_t *)written, strlen(written)}};
  lg_http_response response;
  LG_TRY(lg_http_send(ctx, &request, &response));
  LG_TRY(lg_http_check(ctx, &response));  // 404 is not found, 503 is unavailable, …
  const lg_json *tag;
  LG_TRY(lg_json_parse(ctx, response.body, &tag));
  const char *guid = lg_json_as_text(lg_json_get(tag, "guid"));
  if (!guid) return lg_not_found(ctx, "the tag has no GUID", NULL);
  return lg_found_object(ctx, (lg_object_params){.guid = guid});
}

// Without a culture the section's page is found in any.
lg_result get_internal_document_params(lg_ctx *ctx, const char *id, const char *class_name) {
  (void)class_name;
  return lg_found_page(ctx, (lg_document_params){.node_guid = guid_of(ctx, "sections", id), .site = "main"});
}
