//! Key pairs.

use aws_sdk_ec2::primitives::Blob;
use aws_sdk_ec2::types::KeyType;
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto};

on_mock_and_moto!([
    a_key_pair_has_material,
    a_key_pair_of_the_same_name,
    a_key_pair_that_is_not_there,
    deleting_an_absent_key_pair,
    a_deleted_key_pair_is_gone,
    an_imported_key_pair,
    a_key_that_is_none,
    key_pairs_by_filter,
    an_ed25519_key_pair,
]);

const PUBLIC: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGdYKKcgH0RjRvcPLKbEfyBTzCxIi3hQ1Q2z8eDVGWeC me@here";

fn a_key_pair_has_material(lab: &Lab) {
    let made = lab.ec2.create_key_pair(|pair| pair.key_name("deploy")).wait().unwrap();
    assert_eq!(made.key_name(), Some("deploy"));
    assert!(made.key_material().unwrap().starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    assert!(made.key_pair_id().unwrap().starts_with("key-"));
    assert!(!made.key_fingerprint().unwrap().is_empty());
    let shown = lab.ec2.describe_key_pairs(|which| which.key_names("deploy")).wait().unwrap().key_pairs.unwrap().remove(0);
    assert_eq!(shown.key_fingerprint(), made.key_fingerprint());
}

fn a_key_pair_of_the_same_name(lab: &Lab) {
    lab.ec2.create_key_pair(|pair| pair.key_name("deploy")).wait().unwrap();
    assert_eq!(code(lab.ec2.create_key_pair(|pair| pair.key_name("deploy")).wait()), "InvalidKeyPair.Duplicate");
}

fn a_key_pair_that_is_not_there(lab: &Lab) {
    assert_eq!(code(lab.ec2.describe_key_pairs(|which| which.key_names("absent")).wait()), "InvalidKeyPair.NotFound");
}

fn deleting_an_absent_key_pair(lab: &Lab) {
    lab.ec2.delete_key_pair(|which| which.key_name("absent")).wait().unwrap();
}

fn a_deleted_key_pair_is_gone(lab: &Lab) {
    lab.ec2.create_key_pair(|pair| pair.key_name("deploy")).wait().unwrap();
    lab.ec2.delete_key_pair(|which| which.key_name("deploy")).wait().unwrap();
    assert!(lab.ec2.describe_key_pairs(|which| which).wait().unwrap().key_pairs().is_empty());
}

fn an_imported_key_pair(lab: &Lab) {
    let made = lab.ec2.import_key_pair(|pair| pair.key_name("own").public_key_material(Blob::new(PUBLIC))).wait();
    if lab.as_amazon("moto wants the key in base64 twice when it is sent by another client than Python's") {
        let made = made.unwrap();
        assert_eq!(made.key_name(), Some("own"));
        assert_eq!(
            code(lab.ec2.import_key_pair(|pair| pair.key_name("own").public_key_material(Blob::new(PUBLIC))).wait()),
            "InvalidKeyPair.Duplicate"
        );
    }
}

fn a_key_that_is_none(lab: &Lab) {
    let made = lab.ec2.import_key_pair(|pair| pair.key_name("own").public_key_material(Blob::new("rubbish"))).wait();
    if lab.as_amazon("moto answers InvalidKeyPair.Format") {
        assert_eq!(code(made), "InvalidKey.Format");
    }
}

fn key_pairs_by_filter(lab: &Lab) {
    for name in ["deploy", "backup"] {
        lab.ec2.create_key_pair(|pair| pair.key_name(name)).wait().unwrap();
    }
    let found =
        lab.ec2.describe_key_pairs(|which| which.filters(filter("key-name", ["dep*"]))).wait().unwrap().key_pairs.unwrap();
    assert_eq!(found.iter().map(|pair| pair.key_name().unwrap()).collect::<Vec<_>>(), ["deploy"]);
}

fn an_ed25519_key_pair(lab: &Lab) {
    lab.ec2.create_key_pair(|pair| pair.key_name("deploy").key_type(KeyType::Ed25519)).wait().unwrap();
    let shown = lab.ec2.describe_key_pairs(|which| which).wait().unwrap().key_pairs.unwrap().remove(0);
    assert_eq!(shown.key_type(), Some(&KeyType::Ed25519));
}
