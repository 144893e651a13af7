# shellcheck shell=bash
# Certificates of a stack's own authority. Elliptic curves: made in milliseconds.

# certificate_authority FOLDER NAME
certificate_authority() {
  [ -f "$1/ca.crt" ] && return
  mkdir -p "$1"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 \
    -subj "/CN=$2" -keyout "$1/ca.key" -out "$1/ca.crt" 2>/dev/null
}

# certificate FOLDER NAME SUBJECT [SUBJECT-ALT-NAMES]: NAME.crt and NAME.key, for servers and clients.
certificate() {
  local folder=$1 name=$2 subject=$3 names=${4:-}
  [ -f "$folder/$name.crt" ] && return
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -subj "$subject" -keyout "$folder/$name.key" -out "$folder/$name.csr" 2>/dev/null
  {
    echo 'extendedKeyUsage=serverAuth,clientAuth'
    [ -z "$names" ] || echo "subjectAltName=$names"
  } >"$folder/$name.ext"
  openssl x509 -req -in "$folder/$name.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" \
    -CAcreateserial -CAserial "$folder/$name.srl" -days 365 -extfile "$folder/$name.ext" \
    -out "$folder/$name.crt" 2>/dev/null
  rm -f "$folder/$name.csr" "$folder/$name.ext" "$folder/$name.srl"
}
