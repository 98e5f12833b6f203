# SPDX-License-Identifier: MIT
#
# What an install tree needs besides the modules' own archives and headers: the `heddle`
# command with its manual page and completions, and the files by which find_package(heddle)
# finds it all.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/heddle")

if(TARGET heddle)
  install(TARGETS heddle RUNTIME)
endif()
if(TARGET heddle_descriptions)
  set(descriptions "${PROJECT_BINARY_DIR}/tools")
  install(FILES "${descriptions}/heddle.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
  install(FILES "${descriptions}/heddle.bash"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME heddle)
  install(FILES "${descriptions}/_heddle"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions")
  install(FILES "${descriptions}/heddle.fish"
    DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
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
