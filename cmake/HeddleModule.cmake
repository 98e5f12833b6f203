# SPDX-License-Identifier: MIT
#
# heddle_module(NAME [SOURCES ...] [ALL_VARIANTS ...] [LINKS ...] [PRIVATE_LINKS ...]
#               [INCLUDE_DIR dir] [EXPORT set])
#   A library heddle_NAME (heddle::NAME) whose include path is its own INCLUDE_DIR (by
#   default include/) and that of what it LINKS, so that a header of a higher layer does not
#   compile. Without sources it is header-only.
#
#   ALL_VARIANTS: sources that read HEDDLE_TRACING. They are compiled with 0, 1 and 2 into
#   the one archive; the variants live in different inline namespaces, and a program links the
#   one that its own HEDDLE_TRACING asks for.
#
#   EXPORT: the set that an install tree exports the target in (by default heddleTargets).
#
# heddle_warnings(TARGET)
#   Warnings, and errors of them where HEDDLE_WARNINGS_AS_ERRORS is on; our own code only.

function(heddle_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
  # g++ 12 sees overlapping copies in `"text" + std::string` (GCC bug 105651).
  target_compile_options(${target} PRIVATE
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
  # A source that is included into another looks to g++ like a header.
  target_compile_options(${target} PRIVATE
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>:-Wno-subobject-linkage>)
  set_target_properties(${target} PROPERTIES
    CXX_EXTENSIONS OFF
    COMPILE_WARNING_AS_ERROR ${HEDDLE_WARNINGS_AS_ERRORS})
endfunction()

function(heddle_module name)
  cmake_parse_arguments(PARSE_ARGV 1 ARG "" "INCLUDE_DIR;EXPORT"
    "SOURCES;ALL_VARIANTS;LINKS;PRIVATE_LINKS")
  set(target heddle_${name})
  if(NOT ARG_INCLUDE_DIR)
    set(ARG_INCLUDE_DIR include)
  endif()
  if(NOT ARG_EXPORT)
    set(ARG_EXPORT heddleTargets)
  endif()
  set(include_dir "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_INCLUDE_DIR}")

  if(ARG_SOURCES OR ARG_ALL_VARIANTS)
    set(scope PUBLIC)
    add_library(${target} STATIC ${ARG_SOURCES})
    heddle_warnings(${target})
    target_link_libraries(${target} PRIVATE ${ARG_PRIVATE_LINKS})
  else()
    set(scope INTERFACE)
    add_library(${target} INTERFACE)
  endif()
  add_library(heddle::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_link_libraries(${target} ${scope} ${ARG_LINKS})

  # A file set brings the include path, the install rule, and with
  # CMAKE_VERIFY_INTERFACE_HEADER_SETS the check that each header compiles on its own.
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS "${include_dir}/*.h")
  target_sources(${target} ${scope}
    FILE_SET HEADERS BASE_DIRS "${include_dir}" FILES ${headers})

  if(ARG_ALL_VARIANTS)
    foreach(tracing 0 1 2)
      set(variant ${target}_tracing_${tracing})
      add_library(${variant} OBJECT ${ARG_ALL_VARIANTS})
      heddle_warnings(${variant})
      target_compile_features(${variant} PRIVATE cxx_std_20)
      target_compile_definitions(${variant} PRIVATE HEDDLE_TRACING=${tracing})
      target_include_directories(${variant} PRIVATE "${include_dir}")
      target_link_libraries(${variant} PRIVATE ${ARG_LINKS} ${ARG_PRIVATE_LINKS})
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${variant}>)
    endforeach()
  endif()

  if(HEDDLE_INSTALL)
    install(TARGETS ${target} EXPORT ${ARG_EXPORT} FILE_SET HEADERS)
  endif()
endfunction()
