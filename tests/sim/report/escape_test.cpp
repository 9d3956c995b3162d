// SPDX-License-Identifier: Apache-2.0
#include "sim/report/escape.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace atomix::sim {
namespace {

TEST(escape_test, json) {
  EXPECT_EQ(json_string("a \"b\" \\ c"), R"("a \"b\" \\ c")");
  EXPECT_EQ(json_string("1\n2\t3\r"), R"("1\n2\t3\r")");
  EXPECT_EQ(json_string(std::string_view("\0\x1f\x7f", 3)), R"("\u0000\u001f\u007f")");
  EXPECT_EQ(json_string("Grüße → 世界 🙂"), "\"Grüße → 世界 🙂\"");
}

TEST(escape_test, nothing_ends_the_script_element) {
  EXPECT_EQ(json_string("</script><!--&"), R"("\u003c/script\u003e\u003c!--\u0026")");
}

TEST(escape_test, what_is_no_utf8_is_replaced) {
  EXPECT_EQ(json_string("a\xFFz"), "\"a\xEF\xBF\xBDz\"");
  EXPECT_EQ(json_string("\xC3"), "\"\xEF\xBF\xBD\"");                                  // cut off
  EXPECT_EQ(json_string("\xC0\xAF"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");                  // overlong
  EXPECT_EQ(json_string("\xED\xA0\x80"), "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");  // surrogate
}

TEST(escape_test, json_of_any_bytes_is_one_line_without_markup) {
  EXPECT_TRUE(rc::check([](const std::string& bytes) {
    const std::string text = json_string(bytes);
    RC_ASSERT(std::none_of(text.begin(), text.end(), [](char c) {
      return c == '<' || c == '>' || c == '&' || static_cast<unsigned char>(c) < 0x20;
    }));
  }));
}

TEST(escape_test, edn) {
  EXPECT_EQ(edn_string("a\"\\\n</b>"), R"("a\"\\\n</b>")");
  EXPECT_EQ(edn_keyword("compare and set"), ":compare-and-set");
  EXPECT_EQ(edn_keyword("get"), ":get");
  EXPECT_EQ(edn_keyword(""), ":x-");
  EXPECT_EQ(edn_keyword("2 phase/commit"), ":x-2-phase-commit");
  EXPECT_EQ(edn_integer(9223372036854775807U), "9223372036854775807");
  EXPECT_EQ(edn_integer(9223372036854775808U), "9223372036854775808N");
}

TEST(escape_test, others) {
  EXPECT_EQ(html_text("<a b=\"&\">"), "&lt;a b=&quot;&amp;&quot;&gt;");
  EXPECT_EQ(one_line("a\nb\rc"), "a b c");
  EXPECT_EQ(hexadecimal(0x1f), "000000000000001f");
}

}  // namespace
}  // namespace atomix::sim
