# cmake -DOUT=file.c "-DFILES=a.sql;b.sql" -P embed_schema.cmake
# Writes the schema files, sorted by name, as byte arrays (string literals have a length limit).
list(SORT FILES)
set(arrays "")
set(entries "")
foreach(file IN LISTS FILES)
    get_filename_component(name ${file} NAME_WE)
    if(NOT name MATCHES "^([0-9]+)_")
        message(FATAL_ERROR "${file}: schema files are named NNN_name.sql")
    endif()
    string(REGEX REPLACE "^0*([0-9]+)_.*" "\\1" version ${name})
    file(READ ${file} bytes HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND arrays "static const char sql_${name}[] = {${bytes}0};\n")
    string(APPEND entries "    {${version}, \"${name}\", sql_${name}},\n")
endforeach()
file(WRITE ${OUT} "#include \"store/schema.h\"\n\n${arrays}\n"
     "const struct schema_step schema_steps[] = {\n${entries}    {0, 0, 0},\n};\n")
