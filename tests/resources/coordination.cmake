# Maps, locks and elections.
atomix_test(
  coordination_test
  SOURCES cuts_test.cpp
          election_handle_test.cpp
          election_machine_test.cpp
          lock_handle_test.cpp
          lock_machine_test.cpp
          lock_model_test.cpp
          map_handle_test.cpp
          map_machine_test.cpp
          map_model_test.cpp
  DEPENDS atomix_resources)
