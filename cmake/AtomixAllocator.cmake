# Programs of ours, not libraries, allocate with jemalloc if it is here: every command and message is a
# handful of small blocks. Sanitizers bring their own.
find_library(ATOMIX_JEMALLOC jemalloc)
mark_as_advanced(ATOMIX_JEMALLOC)
if(NOT ATOMIX_JEMALLOC)
  message(STATUS "No jemalloc: servers will be slower; install libjemalloc-dev")
endif()

function(atomix_fast_allocator program)
  if(ATOMIX_JEMALLOC AND NOT ATOMIX_SANITIZER)
    target_link_libraries(${program} PRIVATE "-Wl,--push-state,--no-as-needed,${ATOMIX_JEMALLOC},--pop-state")
  endif()
endfunction()
