# What `cmake --install` puts in place: the program, headers, static libraries, and the package that
# `find_package(atomix)` finds.
include(CMakePackageConfigHelpers)

set(ATOMIX_INSTALL_PACKAGE "${CMAKE_INSTALL_LIBDIR}/cmake/atomix")

# Public headers and what they include. None of them shows CAF, and only those for authors of machines
# show Protobuf; the CTest `examples.installed` compiles each alone.
set(ATOMIX_PUBLIC_HEADERS
    actors/client.hpp
    actors/replica.hpp
    actors/version.hpp
    raft/base/check.hpp
    raft/base/ids.hpp
    raft/base/prng.hpp
    raft/base/shared_bytes.hpp
    raft/base/strong.hpp
    resources/answer_limit.hpp
    resources/codec.hpp
    resources/consistency.hpp
    resources/counter/counter.hpp
    resources/election/election.hpp
    resources/future.hpp
    resources/handle.hpp
    resources/invoker.hpp
    resources/listeners.hpp
    resources/listening.hpp
    resources/local_invoker.hpp
    resources/lock/lock.hpp
    resources/machine.hpp
    resources/machine_host.hpp
    resources/machine_registry.hpp
    resources/map/map.hpp
    resources/map/map_base.hpp
    resources/reply.hpp
    resources/session_table.hpp
    resources/state_hash.hpp
    resources/subscription.hpp
    resources/time_to_live.hpp
    resources/timers.hpp
    resources/typed_machine_host.hpp
    resources/value/value.hpp
    sim/checker/check.hpp
    sim/checker/history.hpp
    sim/checker/machine_model.hpp
    sim/checker/machine_words.hpp
    sim/checker/model.hpp
    sim/checker/search.hpp
    sim/checker/value.hpp
    sim/testing/checked_machine.hpp
    sim/testing/client.hpp
    sim/testing/experiment.hpp
    sim/testing/plan.hpp
    sim/testing/rapidcheck.hpp
    sim/testing/result.hpp
    sim/testing/task.hpp
    sim/testing/testing.hpp)
foreach(header IN LISTS ATOMIX_PUBLIC_HEADERS)
  cmake_path(GET header PARENT_PATH folder)
  install(FILES "${PROJECT_SOURCE_DIR}/${header}"
          DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/atomix/${folder}")
endforeach()

# Umbrella headers, <atomix/lock.hpp> and so on: what users write.
foreach(door client replica version)
  set(atomix_door_${door} actors/${door}.hpp)
endforeach()
set(atomix_door_local_replica resources/local_invoker.hpp)
set(atomix_door_testing sim/testing/testing.hpp)
set(atomix_door_testing_rapidcheck sim/testing/rapidcheck.hpp)
foreach(resource counter election lock map value)
  set(atomix_door_${resource} resources/${resource}/${resource}.hpp)
endforeach()
set(plain_doors codec consistency future handle listeners machine machine_registry reply)
foreach(plain IN LISTS plain_doors)
  set(atomix_door_${plain} resources/${plain}.hpp)
endforeach()
foreach(door client local_replica replica testing testing_rapidcheck version counter election lock map value ${plain_doors})
  set(ATOMIX_DOOR_TARGET "${atomix_door_${door}}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/door.hpp.in" "${PROJECT_BINARY_DIR}/doors/atomix/${door}.hpp" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/doors/atomix/${door}.hpp"
          DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/atomix")
endforeach()

# `#include "resources/lock/lock.hpp"` and `<atomix/lock.hpp>` both work for users of the package.
get_property(ATOMIX_EXPORTED GLOBAL PROPERTY ATOMIX_LIBRARIES)
# The disk of tests of the log. Its twin of the simulator is a part of atomix::testing.
list(REMOVE_ITEM ATOMIX_EXPORTED atomix_disk)
get_property(ATOMIX_SIMULATED GLOBAL PROPERTY ATOMIX_SIMULATION_LIBRARIES)
list(APPEND ATOMIX_EXPORTED ${ATOMIX_SIMULATED})
foreach(library IN LISTS ATOMIX_EXPORTED)
  target_include_directories(
    ${library} INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
                         $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/atomix>)
endforeach()
install(TARGETS ${ATOMIX_EXPORTED} EXPORT atomix ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}/atomix")
install(EXPORT atomix NAMESPACE atomix:: DESTINATION "${ATOMIX_INSTALL_PACKAGE}" FILE atomixTargets.cmake)

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/atomixConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/atomixConfig.cmake"
                              INSTALL_DESTINATION "${ATOMIX_INSTALL_PACKAGE}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/atomixConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/atomixConfig.cmake"
        "${PROJECT_BINARY_DIR}/atomixConfigVersion.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/FindAsio.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/FindISAL.cmake"
  DESTINATION "${ATOMIX_INSTALL_PACKAGE}")
