# Shortens the compiling of llama-cpp-python, whose CMake reads this file first when CMAKE_ARGS names it in
# -DCMAKE_PROJECT_llama_cpp_INCLUDE. docs/performance.md tells what each part brings.

# Python loads llama.cpp and ggml alone, never what reads images, calls servers or parses chats. Normal variables win
# over the options of the same names and over the cache entry that llama-cpp-python forces.
set(LLAVA_BUILD OFF)
set(LLAMA_BUILD_COMMON OFF)

# Thousands of lines about the compiler's own headers would hide an error at the end of the log.
set(LLAMA_ALL_WARNINGS OFF)

# llama.cpp's code for Intel's matrix unit ends the process (its issues 20824 and 26954), so it is left out.
if(EXISTS /proc/cpuinfo)
    file(STRINGS /proc/cpuinfo matrix_unit LIMIT_COUNT 1 REGEX amx_tile)
    if(matrix_unit)
        add_compile_options(-mno-amx-tile -mno-amx-int8 -mno-amx-bf16)
    endif()
endif()

# ggml computes, so it keeps its -O3. Most files of llama.cpp run when a model is loaded, plan a step, or never run: they
# get -O1. The few that work on every token keep -O3, and a new version that renames one of them fails here.
function(lower_optimization)
    get_target_property(directory llama SOURCE_DIR)
    set(names batch context graph kv-cache kv-cache-iswa sampler vocab)
    list(TRANSFORM names REPLACE "(.+)" "${directory}/llama-\\1.cpp")
    foreach(name ${names})
        if(NOT EXISTS ${name})
            message(FATAL_ERROR "${name} is gone; .engine.cmake names it as a file that works on every token")
        endif()
    endforeach()
    target_compile_options(llama PRIVATE -O1)
    set_source_files_properties(${names} ${directory}/unicode.cpp
        TARGET_DIRECTORY llama PROPERTIES COMPILE_OPTIONS -O3)
endfunction()
cmake_language(DEFER CALL lower_optimization)
