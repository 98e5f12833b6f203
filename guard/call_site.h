// SPDX-License-Identifier: MIT
//
// Who called: the first function on the stack that does not belong to the standard libraries.
#ifndef HEDDLE_GUARD_CALL_SITE_H_
#define HEDDLE_GUARD_CALL_SITE_H_

#include <string>

namespace heddle::guard {

// Of the functions on the stack, from the one that `return_address` lies in outwards:
// "shop::Charge (shop_test+0x1f3a2)". The second half is for `addr2line -e`.
std::string CallerOnStack(const void* return_address);

}  // namespace heddle::guard

#endif  // HEDDLE_GUARD_CALL_SITE_H_
