#include <heddle/catch.h>
