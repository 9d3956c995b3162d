# Writes OUTPUT, a C++ file that holds text files line by line (see page.hpp).
# Usage: cmake -DOUTPUT=FILE -DFOLDER=DIR "-DJS=a.js,b.js" -P embed.cmake
# What is written depends on the texts alone, not on where they are.
function(append_lines function files)
  set(all "")
  foreach(file IN LISTS files)
    file(READ "${FOLDER}/${file}" text)
    string(APPEND all "${text}")
  endforeach()
  string(REPLACE "\\" "\\\\" all "${all}")
  string(REPLACE "\"" "\\\"" all "${all}")
  string(REPLACE "\n" "\\n\",\n    \"" all "${all}")
  string(APPEND code
         "\nstd::span<const std::string_view> ${function}() {\n"
         "  static constexpr std::string_view lines[] = {\n    \"${all}\"};\n"
         "  return lines;\n}\n")
  set(code "${code}" PARENT_SCOPE)
endfunction()

string(REPLACE "," ";" scripts "${JS}")
set(code "// Generated from sim/report/page by embed.cmake.\n#include \"sim/report/page.hpp\"\n\nnamespace atomix::sim::page {\n")
append_lines(html "timeline.html")
append_lines(css "timeline.css")
append_lines(js "${scripts}")
string(APPEND code "\n}  // namespace atomix::sim::page\n")
file(WRITE "${OUTPUT}" "${code}")
