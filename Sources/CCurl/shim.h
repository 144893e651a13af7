#include <curl/curl.h>

// curl_*_setopt and curl_easy_getinfo are variadic, which Swift cannot call.
