// By path: the pkg-config file of hiredis carries a flag that SwiftPM refuses.
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
