# atomix_library(NAME SOURCES... [PROTOS...] [DEPENDS...]): one static library per layer, with the
# generated Protobuf code in a library of its own (it does not follow our warnings).
set(ATOMIX_LIBRARIES "" CACHE INTERNAL "libraries to install")

function(atomix_protos name)
  # Generates FOLDER/NAME.pb.h below one include root, as `#include "FOLDER/NAME.pb.h"`.
  set(root "${PROJECT_BINARY_DIR}/generated")
  set(outputs "")
  foreach(proto IN LISTS ARGN)
    cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${PROJECT_SOURCE_DIR}"
               OUTPUT_VARIABLE folder)
    cmake_path(REMOVE_EXTENSION proto OUTPUT_VARIABLE stem)
    set(base "${root}/${folder}/${stem}")
    add_custom_command(
      OUTPUT "${base}.pb.cc" "${base}.pb.h"
      COMMAND "${CMAKE_COMMAND}" -E make_directory "${root}"
      COMMAND protobuf::protoc "--cpp_out=${root}" "-I${PROJECT_SOURCE_DIR}" "${folder}/${proto}"
      WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
      DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${proto}" protobuf::protoc
      COMMENT "Generating ${folder}/${stem}.pb.h")
    list(APPEND outputs "${base}.pb.cc")
  endforeach()
  add_library(${name} STATIC ${outputs})
  target_include_directories(${name} SYSTEM PUBLIC $<BUILD_INTERFACE:${root}>)
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf)
  set_property(GLOBAL APPEND PROPERTY ATOMIX_LIBRARIES ${name})
endfunction()

function(atomix_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS")
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE $<BUILD_INTERFACE:atomix_options>
                                                             ${arg_PRIVATE_DEPENDS})
  target_compile_features(${name} PUBLIC cxx_std_20)
  set_property(GLOBAL APPEND PROPERTY ATOMIX_LIBRARIES ${name})
endfunction()

# atomix_test(NAME SOURCES... DEPENDS...): one GoogleTest program, found by ctest case by case.
function(atomix_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "TIMEOUT" "SOURCES;DEPENDS;LABELS")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} GTest::gtest_main atomix_options rapidcheck)
  target_compile_definitions(${name} PRIVATE ATOMIX_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  include(GoogleTest)
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST
                       PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${arg_LABELS}")
endfunction()
