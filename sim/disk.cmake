# The simulated disk: needs nothing of the rest of sim/, and is used by the tests of raft/storage.
atomix_library(
  atomix_sim_disk
  SOURCES disk.cpp disk_settle.cpp pages.cpp
  DEPENDS atomix_storage)
target_link_libraries(atomix_sim PUBLIC atomix_sim_disk)
