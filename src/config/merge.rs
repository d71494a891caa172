//! Two leaps put together, field by field.
//!
//! The later leap wins wherever it says anything, `null` included. Lists and tables are not merged into each other: a
//! reader of the later file sees all of what holds. Connectors are the exception: their names are the user's, and what is
//! said of one of them is merged field by field as well.

use super::fields::{ConnectorFields, Field, SharedFields};
use super::leap::Setting;

impl<T> Field<T> {
    /// What holds when `later` comes after this.
    pub fn merge(self, later: Self) -> Self {
        match later {
            Self::Absent => self,
            said => said,
        }
    }
}

impl SharedFields {
    /// What holds when `later` comes after this.
    pub fn merge(self, later: Self) -> Self {
        Self {
            required_python_version: self.required_python_version.merge(later.required_python_version),
            python_selector_file_rel_path: self
                .python_selector_file_rel_path
                .merge(later.python_selector_file_rel_path),
            local_venv_dir_rel_path: self.local_venv_dir_rel_path.merge(later.local_venv_dir_rel_path),
            local_log_dir_rel_path: self.local_log_dir_rel_path.merge(later.local_log_dir_rel_path),
            local_tmp_dir_rel_path: self.local_tmp_dir_rel_path.merge(later.local_tmp_dir_rel_path),
            local_cache_dir_rel_path: self.local_cache_dir_rel_path.merge(later.local_cache_dir_rel_path),
            local_run_dir_rel_path: self.local_run_dir_rel_path.merge(later.local_run_dir_rel_path),
            reboot_keep_count: self.reboot_keep_count.merge(later.reboot_keep_count),
            venv_driver: self.venv_driver.merge(later.venv_driver),
            native_venv: self.native_venv.merge(later.native_venv),
            version_constraints_file_basename: self
                .version_constraints_file_basename
                .merge(later.version_constraints_file_basename),
            project_descriptors: self.project_descriptors.merge(later.project_descriptors),
            install_specs: self.install_specs.merge(later.install_specs),
            connectors: merge_connectors(self.connectors, later.connectors),
        }
    }
}

fn merge_connectors(
    earlier: Field<Vec<ConnectorFields>>,
    later: Field<Vec<ConnectorFields>>,
) -> Field<Vec<ConnectorFields>> {
    let (Field::Value(mut all), Field::Value(later)) = (earlier.clone(), later.clone()) else {
        return earlier.merge(later);
    };
    for one in later.value {
        match all.value.iter_mut().find(|known| known.name == one.name) {
            Some(known) => *known = known.clone().merge(one),
            None => all.value.push(one),
        }
    }
    Field::Value(Setting::new(all.value, later.origin))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use proptest::prelude::*;

    use super::*;
    use crate::config::document::Source;
    use crate::config::fields::{InstallSpec, ProjectDescriptor, Said, VenvDriver};
    use crate::config::leap::{Leap, Origin};

    fn origin() -> impl Strategy<Value = Origin> {
        let file = |(line, env)| {
            let leap = if env { Leap::Env } else { Leap::Client };
            Origin::File { source: Source::new("/repo/prime.toml", Path::new("/repo")), line, leap }
        };
        (1_usize..9, any::<bool>()).prop_map(file)
    }

    fn setting<T: Clone + std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Setting<T>> {
        (value, origin()).prop_map(|(value, origin)| Setting::new(value, origin))
    }

    fn field<T: Clone + std::fmt::Debug>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Field<T>> {
        prop_oneof![Just(Field::Absent), origin().prop_map(Field::Null), setting(value).prop_map(Field::Value)]
    }

    fn path() -> impl Strategy<Value = Field<PathBuf>> {
        field("[a-c]{1,2}".prop_map(PathBuf::from))
    }

    fn descriptors() -> impl Strategy<Value = Vec<ProjectDescriptor>> {
        let one = setting("[a-c]".prop_map(PathBuf::from)).prop_map(|build_root_dir_rel_path| ProjectDescriptor {
            build_root_dir_rel_path,
            install_extras: Vec::new(),
            install_group: None,
            dependency_groups: Vec::new(),
            editable: Setting::default_value(true),
            requirements_files: Vec::new(),
        });
        prop::collection::vec(one, 0..3)
    }

    fn specs() -> impl Strategy<Value = Vec<InstallSpec>> {
        let one = setting("[a-c]").prop_map(|group| InstallSpec { group, extra_command_args: Vec::new() });
        prop::collection::vec(one, 0..3)
    }

    /// Connectors of names that are none's twice.
    fn connectors() -> impl Strategy<Value = Vec<ConnectorFields>> {
        let said = prop_oneof![any::<bool>().prop_map(Said::Flag), "[a-c]".prop_map(Said::Text)];
        let one = (prop::sample::select(vec!["version", "pip_url", "docker_image"]), field(said));
        let one = prop::collection::vec(one, 0..3).prop_map(|fields| {
            let mut one = ConnectorFields::new("", Origin::Default);
            fields.into_iter().filter(|(_, it)| *it != Field::Absent).for_each(|(name, it)| one.say(name, it));
            one
        });
        prop::collection::vec(one, 0..3).prop_map(|all| {
            let named = all.into_iter().zip(["a", "b", "c"]);
            let renamed = named.map(|(mut one, name)| {
                name.clone_into(&mut one.name);
                one
            });
            renamed.collect()
        })
    }

    fn fields() -> impl Strategy<Value = SharedFields> {
        let paths = (path(), path(), path(), path(), path(), path());
        let driver = field(prop::sample::select(VenvDriver::ALL.to_vec()));
        let rest =
            (field("[0-9.]{1,4}"), driver, field("[a-c]{1,2}"), field(descriptors()), field(specs()), field(0_u32..9));
        // Only two files have it: what `null` is between two others nobody asks.
        let connectors = setting(connectors()).prop_map(Field::Value);
        let rest = (rest, field(any::<bool>()), prop_oneof![Just(Field::Absent), connectors]);
        (paths, rest).prop_map(|(paths, (rest, native_venv, connectors))| SharedFields {
            python_selector_file_rel_path: paths.0,
            local_venv_dir_rel_path: paths.1,
            local_log_dir_rel_path: paths.2,
            local_tmp_dir_rel_path: paths.3,
            local_cache_dir_rel_path: paths.4,
            local_run_dir_rel_path: paths.5,
            required_python_version: rest.0,
            venv_driver: rest.1,
            version_constraints_file_basename: rest.2,
            project_descriptors: rest.3,
            install_specs: rest.4,
            reboot_keep_count: rest.5,
            native_venv,
            connectors,
        })
    }

    fn wins<T: PartialEq>(earlier: &Field<T>, later: &Field<T>, merged: &Field<T>) -> bool {
        if *later == Field::Absent { merged == earlier } else { merged == later }
    }

    proptest! {
        #[test]
        fn merging_is_idempotent_and_associative_and_nothing_changes_nothing(
            a in fields(), b in fields(), c in fields(),
        ) {
            prop_assert_eq!(&a.clone().merge(a.clone()), &a);
            prop_assert_eq!(&a.clone().merge(SharedFields::default()), &a);
            prop_assert_eq!(&SharedFields::default().merge(a.clone()), &a);
            prop_assert_eq!(a.clone().merge(b.clone()).merge(c.clone()), a.merge(b.merge(c)));
        }

        #[test]
        fn the_later_leap_wins_with_its_origin_in_every_field_it_says_anything_about(a in fields(), b in fields()) {
            let merged = a.clone().merge(b.clone());
            macro_rules! check {
                ($($name:ident),*) => { $(prop_assert!(wins(&a.$name, &b.$name, &merged.$name), stringify!($name));)* };
            }
            check!(
                required_python_version, python_selector_file_rel_path, local_venv_dir_rel_path,
                local_log_dir_rel_path, local_tmp_dir_rel_path, local_cache_dir_rel_path, local_run_dir_rel_path,
                reboot_keep_count, venv_driver, native_venv, version_constraints_file_basename,
                project_descriptors, install_specs
            );
        }
    }
}
