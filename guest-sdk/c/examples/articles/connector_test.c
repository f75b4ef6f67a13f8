// Tests of the articles, natively.

#include <lockgate_test.h>
#include <string.h>

static lg_result blog(lg_ctx *ctx, const lg_http_request *request, lg_http_response *response) {
  (void)ctx;
  LG_CHECK(!strcmp(request->method, "POST") && !strcmp(request->headers[0].value, "Bearer placeholder"));
  static const char known[] = "{\"guid\": \"26394b70-74b5-505e-b7a4-e8e4b6642ce5\"}";
  if (!strcmp((const char *)request->body.ptr, "{\"tag\":\"a\"}"))
    *response = (lg_http_response){200, NULL, {(const uint8_t *)known, sizeof known - 1}};
  else *response = (lg_http_response){.status = 404};
  return lg_ok();
}

int main(void) {
  lg_test_setting("culture", "de-DE");
  const char *article = "{\"id\": 7, \"version\": 1, \"title\": \"Hallo\", \"price\": 7.50, \"tags\": [\"b\", \"a\"]}";
  lg_test_answer made = lg_test_prepare(article, &(lg_task){.task_type = LG_CREATE_DOCUMENT});
  LG_CHECK(made.page && !strcmp(made.page->culture, "de-DE") && lg_get(made.page, "tags") && !*lg_test_warned());
  made = lg_test_prepare(article, &(lg_task){.task_type = LG_UPDATE_DOCUMENT});
  LG_CHECK(made.skipped && !strcmp(made.skipped, "this version is stored already"));
  made = lg_test_prepare("{\"id\": 7}", &(lg_task){.task_type = LG_DELETE_DOCUMENT});
  LG_CHECK(made.page && made.page->node_guid && !lg_get(made.page, "body"));

  lg_test_setting("culture", NULL);
  made = lg_test_prepare("{\"id\": 8, \"title\": \"Hi\"}", NULL);
  LG_CHECK(made.page && !strcmp(lg_test_warned(), "no setting culture: English is taken\n"));

  lg_test_secret("token", "placeholder");
  lg_test_calls(blog);
  made = lg_test_object_params("a", "blog.tag");
  LG_CHECK(made.object_params && !strcmp(made.object_params->guid, "26394b70-74b5-505e-b7a4-e8e4b6642ce5"));
  made = lg_test_object_params("c", "blog.tag");
  LG_CHECK(made.error && !strcmp(made.error, "not-found"));
  return lg_test_end();
}
