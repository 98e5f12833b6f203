# SPDX-License-Identifier: MIT
#
# cmake -DFIRST=program -DSECOND=program -P compare_outputs.cmake
#   Fails unless both run, and print the same, and something.
foreach(program FIRST SECOND)
  execute_process(COMMAND "${${program}}" OUTPUT_VARIABLE output_${program} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${${program}} ended with ${result}:\n${output_${program}}")
  endif()
endforeach()
if(NOT output_FIRST STREQUAL output_SECOND)
  message(FATAL_ERROR
    "${FIRST} printed\n${output_FIRST}\n${SECOND} printed\n${output_SECOND}")
endif()
if(output_FIRST STREQUAL "")
  message(FATAL_ERROR "${FIRST} printed nothing")
endif()
