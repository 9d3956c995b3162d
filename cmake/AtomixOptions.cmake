# Warnings, sanitizers, compiler cache and linker, as one interface target `atomix_options`.
add_library(atomix_options INTERFACE)
target_compile_options(
  atomix_options
  INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
            -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wformat=2 -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports null pointers and overlaps inside inlined library code (std::set, Asio) that are
  # not there; clang's -Wnull-dereference, used by the sanitizer presets, does not.
  target_compile_options(atomix_options INTERFACE -Wno-restrict)
else()
  target_compile_options(atomix_options INTERFACE -Wnull-dereference)
endif()

if(ATOMIX_SANITIZER)
  add_compile_options(-fsanitize=${ATOMIX_SANITIZER} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ATOMIX_SANITIZER})
endif()

# Profile-guided optimisation, g++ only: see tools/build_for_campaigns.
if(ATOMIX_PROFILE STREQUAL "record")
  add_compile_options(-fprofile-generate -fprofile-update=single)
  add_link_options(-fprofile-generate)
elseif(ATOMIX_PROFILE STREQUAL "use")
  # What was not seen to run is compiled as ever, not for size.
  add_compile_options(-fprofile-use -fprofile-partial-training -fno-plt -Wno-missing-profile)
endif()

find_program(ATOMIX_CCACHE ccache)
if(ATOMIX_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without these ccache does not cache what uses a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_SLOPPINESS=pch_defines,time_macros
                                  "${ATOMIX_CCACHE}")
endif()
find_program(ATOMIX_MOLD mold)
if(ATOMIX_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
