// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.runsc.cli;

import java.util.List;

/** {@code runsc --version}. */
final class VersionCommand implements Command {

    /** OCI runtime specification that config.json is read by. */
    static final String OCI_VERSION = "1.1.0";

    @Override
    public String name() {
        return "version";
    }

    @Override
    public String summary() {
        return "Print the version.";
    }

    @Override
    public String operands() {
        return "";
    }

    @Override
    public List<Option> options() {
        return List.of();
    }

    @Override
    public void set(String option, String value) {}

    @Override
    public int run(GlobalOptions global, List<String> operands) {
        String version = VersionCommand.class.getPackage().getImplementationVersion();
        System.out.println("runsc version jvisor-" + (version == null ? "development" : version));
        System.out.println("spec: " + OCI_VERSION);
        return ExitCode.SUCCESS;
    }
}
