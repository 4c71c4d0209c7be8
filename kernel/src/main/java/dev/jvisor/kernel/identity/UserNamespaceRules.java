// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.identity;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.fs.cred.UserNamespace;

/** What entering a user namespace does to credentials (Linux: set_cred_user_ns). */
public final class UserNamespaceRules {

    private UserNamespaceRules() {}

    /** The same ids with all capabilities, which reach as far as the namespace. */
    public static Credentials enter(Credentials old, UserNamespace namespace) {
        CredentialsBuilder b = new CredentialsBuilder(old);
        b.secureBits = 0;
        b.inheritable = 0;
        b.ambient = 0;
        b.permitted = Credentials.ALL_CAPABILITIES;
        b.effective = Credentials.ALL_CAPABILITIES;
        b.bounding = Credentials.ALL_CAPABILITIES;
        b.userNamespace = namespace;
        return b.build();
    }
}
