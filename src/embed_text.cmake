# cmake -DOUT=file.c -DFILE=some.conf -DHEADER=config/x.h -DNAME=x -P embed_text.cmake
# Writes one file as the byte array NAME, followed by a NUL (string literals have a length limit).
file(READ ${FILE} bytes HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(WRITE ${OUT} "#include \"${HEADER}\"\n\nconst char ${NAME}[] = {${bytes}0};\n")
