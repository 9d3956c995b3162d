# atomix_library(NAME SOURCES... [DEPENDS...]): one static library per layer, with the
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

# The library `NAME` of production, and `NAME_sim`: the same sources for the simulator, with fault points
# and planted bugs compiled in. No program links both kinds.
function(atomix_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS")
  atomix_library_variant(${name} real "${arg_SOURCES}" "${arg_DEPENDS}" "${arg_PRIVATE_DEPENDS}")
  set_property(GLOBAL APPEND PROPERTY ATOMIX_LIBRARIES ${name})
  atomix_simulated(depends ${arg_DEPENDS})
  atomix_simulated(private_depends ${arg_PRIVATE_DEPENDS})
  atomix_library_variant(${name}_sim simulated "${arg_SOURCES}" "${depends}" "${private_depends}")
  set_property(GLOBAL APPEND PROPERTY ATOMIX_SIMULATION_LIBRARIES ${name}_sim)
  target_compile_definitions(${name}_sim PUBLIC ATOMIX_SIMULATION)
endfunction()

# A library of the simulator itself: there is no other kind of it.
function(atomix_simulation_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS")
  atomix_simulated(depends ${arg_DEPENDS})
  atomix_simulated(private_depends ${arg_PRIVATE_DEPENDS})
  atomix_library_variant(${name} simulated "${arg_SOURCES}" "${depends}" "${private_depends}")
  set_property(GLOBAL APPEND PROPERTY ATOMIX_SIMULATION_LIBRARIES ${name})
endfunction()

# Puts in place of each library the one for the simulator, where there is one.
function(atomix_simulated result)
  set(mapped "")
  foreach(library IN LISTS ARGN)
    if(TARGET ${library}_sim)
      list(APPEND mapped ${library}_sim)
    else()
      list(APPEND mapped ${library})
    endif()
  endforeach()
  set(${result} "${mapped}" PARENT_SCOPE)
endfunction()

# Both worlds in one program would be two definitions of everything: CMake refuses, also for users.
function(atomix_library_variant name world sources depends private_depends)
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
  target_link_libraries(${name} PUBLIC ${depends} PRIVATE $<BUILD_INTERFACE:atomix_options> ${private_depends})
  target_compile_features(${name} PUBLIC cxx_std_20)
  set_target_properties(${name} PROPERTIES INTERFACE_ATOMIX_WORLD ${world} COMPATIBLE_INTERFACE_STRING ATOMIX_WORLD)
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
