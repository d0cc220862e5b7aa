# cmake -DOUT=file.c "-DFILES=index.html=/path/to/index.html;..." -P embed_page.cmake
# Writes the files of the live page as byte arrays, each with an ETag made from its content.
set(arrays "")
set(entries "")
set(number 0)
string(HEX "\n//# sourceMappingURL=" map_in_js) # maps are not served, so browsers must not ask for them
string(HEX "\n/*# sourceMappingURL=" map_in_css)
foreach(file IN LISTS FILES)
    string(REGEX MATCH "^([^=]+)=(.*)$" _ "${file}")
    set(name "${CMAKE_MATCH_1}")
    file(READ "${CMAKE_MATCH_2}" bytes HEX)
    foreach(mark ${map_in_js} ${map_in_css}) # the last line of a file
        string(FIND "${bytes}" "${mark}" at)
        if(NOT at EQUAL -1)
            string(SUBSTRING "${bytes}" 0 ${at} bytes)
        endif()
    endforeach()
    string(SHA256 hash "${bytes}")
    string(SUBSTRING ${hash} 0 16 etag)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND arrays "static const unsigned char file_${number}[] = {${bytes}};\n")
    string(APPEND entries "    {\"${name}\", \"\\\"${etag}\\\"\", file_${number}, sizeof(file_${number})},\n")
    math(EXPR number "${number} + 1")
endforeach()
file(WRITE ${OUT} "#include \"serve/page_files.h\"\n\n${arrays}\n"
     "const struct page_file page_files[] = {\n${entries}    {0, 0, 0, 0},\n};\n")
