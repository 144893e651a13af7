/* The calls that make a tenant, sent bare: what the provisioner is measured against.
 *
 * bare SERVER CA-FILE TOKEN-FILE CALLS NAME COUNT IN-FLIGHT CONNECTIONS
 *
 * CALLS is a file of tab-separated lines: step, method, content type, path, body; in path and body @NAME@
 * stands for the namespace, @UID@ for its uid, @VERSION@ for the quota's resourceVersion, @N@ for the tenant's
 * number. The step `until` is sent again and again until its answer contains the body. Makes COUNT tenants
 * NAME-0, NAME-1 …, each with its calls one after the other, IN-FLIGHT tenants side by side. Prints for each
 * the milliseconds from its first call to the last answer, and at the end `rate` and tenants per second.
 *
 * In C, so that next to nothing but the API server is measured. */
#include <curl/curl.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_CALLS = 64 };

struct call {
  char *step, *method, *type, *path, *body;
};

struct tenant {
  char name[256], number[16], uid[64], version[64];
  char answer[65536];
  char body[16384], url[2048];
  size_t length;
  int call;
  double start;
  CURL *curl;
  struct curl_slist *headers;
};

static struct call calls[MOST_CALLS];
static int call_count, begun, ended, tenant_count;
static const char *server, *prefix, *ca_file;
static char token[8192];
static CURLM *multi;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void read_calls(const char *path) {
  static char line[65536];
  FILE *file = fopen(path, "r");
  if (!file) err(1, "%s", path);
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    char *rest = strdup(line);
    struct call *call = &calls[call_count++];
    if (call_count == MOST_CALLS) errx(1, "%s: too many calls", path);
    call->step = strsep(&rest, "\t");
    call->method = strsep(&rest, "\t");
    call->type = strsep(&rest, "\t");
    call->path = strsep(&rest, "\t");
    call->body = rest;
    if (!rest) errx(1, "%s: a line without five columns", path);
  }
  fclose(file);
}

/* Fills in what stands for the tenant's own. */
static void fill(char *target, size_t size, const char *text, const struct tenant *tenant) {
  const struct {
    const char *mark, *value;
  } marks[] = {{"@NAME@", tenant->name}, {"@UID@", tenant->uid}, {"@VERSION@", tenant->version}, {"@N@", tenant->number}};
  size_t length = 0;
  while (*text) {
    const char *value = NULL;
    for (int i = 0; i < 4; i++) {
      size_t mark = strlen(marks[i].mark);
      if (strncmp(text, marks[i].mark, mark) == 0) {
        value = marks[i].value;
        text += mark;
        break;
      }
    }
    char one[2] = {*text, 0};
    if (!value) {
      value = one;
      text++;
    }
    size_t add = strlen(value);
    if (length + add + 1 > size) errx(1, "a call is too long");
    memcpy(target + length, value, add);
    length += add;
  }
  target[length] = 0;
}

static size_t take(char *bytes, size_t size, size_t count, void *user) {
  struct tenant *tenant = user;
  if (tenant->length + size * count < sizeof tenant->answer) {
    memcpy(tenant->answer + tenant->length, bytes, size * count);
    tenant->length += size * count;
    tenant->answer[tenant->length] = 0;
  }
  return size * count;
}

/* The first string of that name in the answer: metadata comes before what could hold another. */
static void field(const struct tenant *tenant, const char *name, char *target, size_t size) {
  char key[64];
  snprintf(key, sizeof key, "\"%s\":\"", name);
  const char *found = strstr(tenant->answer, key);
  if (!found) errx(1, "no %s in %s", name, tenant->answer);
  found += strlen(key);
  snprintf(target, size, "%.*s", (int)strcspn(found, "\""), found);
}

static int is_until(const struct call *call) { return strcmp(call->step, "until") == 0; }

static void ask(struct tenant *tenant) {
  const struct call *call = &calls[tenant->call];
  char header[9000];
  size_t length = (size_t)snprintf(tenant->url, sizeof tenant->url, "%s", server);
  fill(tenant->url + length, sizeof tenant->url - length, call->path, tenant);
  fill(tenant->body, sizeof tenant->body, call->body, tenant);
  curl_slist_free_all(tenant->headers);
  snprintf(header, sizeof header, "Authorization: Bearer %s", token);
  tenant->headers = curl_slist_append(NULL, header);
  snprintf(header, sizeof header, "Content-Type: %s", call->type);
  tenant->headers = curl_slist_append(tenant->headers, header);
  tenant->headers = curl_slist_append(tenant->headers, "Expect:");
  tenant->length = 0;
  curl_easy_setopt(tenant->curl, CURLOPT_URL, tenant->url);
  curl_easy_setopt(tenant->curl, CURLOPT_HTTPHEADER, tenant->headers);
  curl_easy_setopt(tenant->curl, CURLOPT_CUSTOMREQUEST, call->method);
  curl_easy_setopt(tenant->curl, CURLOPT_POSTFIELDS, is_until(call) ? "" : tenant->body);
  curl_multi_add_handle(multi, tenant->curl);
}

static void begin(struct tenant *tenant) {
  snprintf(tenant->number, sizeof tenant->number, "%d", begun);
  snprintf(tenant->name, sizeof tenant->name, "%s-%d", prefix, begun++);
  tenant->call = 0;
  tenant->start = now();
  ask(tenant);
}

static void answered(CURL *curl, CURLcode result) {
  struct tenant *tenant;
  long status;
  curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&tenant);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_multi_remove_handle(multi, curl);
  const char *step = calls[tenant->call].step;
  if (result != CURLE_OK) errx(1, "%s of %s: %s", step, tenant->name, curl_easy_strerror(result));
  /* The controllers may have been faster. */
  int there = status == 409 && (strcmp(step, "service-account") == 0 || strcmp(step, "quota-status") == 0);
  if (status / 100 != 2 && !there) errx(1, "%s of %s: %ld %s", step, tenant->name, status, tenant->answer);
  if (strcmp(step, "namespace") == 0) field(tenant, "uid", tenant->uid, sizeof tenant->uid);
  if (strcmp(step, "resource-quota") == 0) field(tenant, "resourceVersion", tenant->version, sizeof tenant->version);
  int again = is_until(&calls[tenant->call]) && !strstr(tenant->answer, tenant->body);
  if (again || ++tenant->call < call_count) {
    ask(tenant);
    return;
  }
  printf("%.3f\n", now() - tenant->start);
  ended++;
  if (begun < tenant_count) begin(tenant);
}

/* So that no tenant pays for the connection. */
static void connect_first(struct tenant *tenant) {
  char url[2048];
  int running = 1, left;
  snprintf(url, sizeof url, "%s/version", server);
  curl_easy_setopt(tenant->curl, CURLOPT_URL, url);
  curl_multi_add_handle(multi, tenant->curl);
  while (running) {
    curl_multi_perform(multi, &running);
    if (running) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  CURLMsg *message = curl_multi_info_read(multi, &left);
  if (!message || message->data.result != CURLE_OK)
    errx(1, "%s: %s", url, message ? curl_easy_strerror(message->data.result) : "no answer");
  curl_multi_remove_handle(multi, tenant->curl);
}

int main(int argc, char **argv) {
  if (argc != 9) errx(1, "usage: bare SERVER CA-FILE TOKEN-FILE CALLS NAME COUNT IN-FLIGHT CONNECTIONS");
  server = argv[1];
  ca_file = argv[2];
  FILE *file = fopen(argv[3], "r");
  if (!file || !fgets(token, sizeof token, file)) err(1, "%s", argv[3]);
  token[strcspn(token, "\n")] = 0;
  read_calls(argv[4]);
  prefix = argv[5];
  tenant_count = atoi(argv[6]);
  int in_flight = atoi(argv[7]), running, left;
  if (in_flight > tenant_count) in_flight = tenant_count;

  curl_global_init(CURL_GLOBAL_ALL);
  multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, atol(argv[8]));
  struct tenant *tenants = calloc((size_t)in_flight, sizeof *tenants);
  for (int i = 0; i < in_flight; i++) {
    CURL *curl = tenants[i].curl = curl_easy_init();
    curl_easy_setopt(curl, CURLOPT_PRIVATE, (char *)&tenants[i]);
    curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    curl_easy_setopt(curl, CURLOPT_PIPEWAIT, 1L);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &tenants[i]);
    connect_first(&tenants[i]);
  }
  double start = now();
  for (int i = 0; i < in_flight; i++) begin(&tenants[i]);
  while (ended < tenant_count) {
    curl_multi_perform(multi, &running);
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)))
      if (message->msg == CURLMSG_DONE) answered(message->easy_handle, message->data.result);
    if (ended < tenant_count) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  printf("rate %.1f\n", tenant_count / (now() - start) * 1e3);
  return 0;
}
