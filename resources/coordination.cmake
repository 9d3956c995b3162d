# Maps, locks and elections.
atomix_protos(atomix_coordination_protos election/election.proto lock/lock.proto map/map.proto)
target_sources(
  atomix_resources
  PRIVATE election/election.cpp
          election/machine.cpp
          lock/lock.cpp
          lock/machine.cpp
          map/machine.cpp
          map/map_base.cpp)
target_link_libraries(atomix_resources PUBLIC atomix_coordination_protos)
