# Tests of raft/storage. The simulated disk is where most of them run.
add_library(atomix_storage_lab STATIC storage_lab.cpp)
target_include_directories(atomix_storage_lab PUBLIC "${PROJECT_SOURCE_DIR}")
target_link_libraries(atomix_storage_lab PUBLIC atomix_storage atomix_sim_disk PRIVATE atomix_options)

atomix_test(storage_record_test SOURCES storage_record_test.cpp DEPENDS atomix_storage)
atomix_test(storage_log_test SOURCES storage_log_test.cpp DEPENDS atomix_storage_lab)
atomix_test(storage_damage_test SOURCES storage_damage_test.cpp DEPENDS atomix_storage_lab)
atomix_test(storage_fault_test SOURCES storage_fault_test.cpp DEPENDS atomix_storage_lab)
atomix_test(storage_property_test SOURCES storage_property_test.cpp DEPENDS atomix_storage_lab)
atomix_test(storage_posix_test SOURCES storage_posix_test.cpp DEPENDS atomix_storage_lab)
