// SPDX-License-Identifier: MIT
//
// JSON: a text as it stands in a JSON document. The documents themselves are put together by
// export.h, show_json.h, stats.h, red_flags.h and diff.h, which know their shape.
#ifndef HEDDLE_TOOLS_JSON_H_
#define HEDDLE_TOOLS_JSON_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "heddle/losses.h"
#include "words.h"

namespace heddle::tools {

// `text` in quotes, of one line or several. What is no printable UTF-8 is spelled out, as
// everywhere in the tools.
inline std::string JsonText(std::string_view text) {
  std::string json = "\"";
  for (;;) {
    const std::size_t end = text.find('\n');
    for (const char c : Printable(text.substr(0, end))) {
      if (c == '"' || c == '\\') json += '\\';
      json += c;
    }
    if (end == std::string_view::npos) return json + "\"";
    json += "\\n";
    text.remove_prefix(end + 1);
  }
}

// `, "missing": ["12 events of marks, which are filtered out"]`, for the end of an object; nothing
// where nothing is.
inline std::string MissingJson(const Losses& losses) {
  if (losses.empty()) return "";
  std::string json;
  for (const std::string& line : LossLines(losses)) {
    json += (json.empty() ? "" : ", ") + JsonText(line);
  }
  return ", \"missing\": [" + json + "]";
}

}  // namespace heddle::tools

#endif  // HEDDLE_TOOLS_JSON_H_
