# SPDX-License-Identifier: MIT
#
# What an install tree needs besides the modules' own archives and headers: the `heddle`
# command, and the files by which find_package(heddle) finds it all.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/heddle")

if(TARGET heddle)
  install(TARGETS heddle RUNTIME)
endif()

install(EXPORT heddleTargets NAMESPACE heddle:: DESTINATION "${package_dir}")
if(TARGET heddle_property)
  install(EXPORT heddlePropertyTargets NAMESPACE heddle:: DESTINATION "${package_dir}")
endif()

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/heddleConfig.cmake.in" "${PROJECT_BINARY_DIR}/heddleConfig.cmake"
  INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file(
  "${PROJECT_BINARY_DIR}/heddleConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/heddleConfig.cmake" "${PROJECT_BINARY_DIR}/heddleConfigVersion.cmake"
  DESTINATION "${package_dir}")
