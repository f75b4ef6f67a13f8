// What becomes of a team, on the machine that the connector is written on.

#include <lockgate_test.h>
#include <string.h>

int main(void) {
  lg_test_answer made = lg_test_prepare("{\"id\": 7, \"title\": \"Editors\", \"members\": [\"Anna\"]}", NULL);
  LG_CHECK(made.object && !strcmp(made.object->code_name, "team-7") && !lg_get(made.object, "description"));
  LG_CHECK(made.object && made.object->children == 1);

  made = lg_test_prepare("{\"id\": 8}", NULL);
  LG_CHECK(made.error && !strcmp(made.error, "invalid") && !strcmp(made.path, "title"));
  made = lg_test_prepare("{\"id\": 8}", &(lg_task){.task_type = LG_DELETE_OBJECT});
  LG_CHECK(made.object && made.object->fields.len == 0);

  made = lg_test_object_params("Anna", "cms.user");
  LG_CHECK(made.object_params && !strcmp(made.object_params->code_name, "anna"));
  return lg_test_end();
}
