# FILE: the engine has an address for its own bridge, which it takes together with no other bridge;
# its file is a link.
file=$1
sed -i 's/{/{ "bip": "172.30.0.1\/24",/' "$file"
mv "$file" "$file.real" && ln -s "${file##*/}.real" "$file"
systemctl restart docker
