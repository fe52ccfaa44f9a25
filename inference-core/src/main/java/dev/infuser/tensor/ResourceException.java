package dev.infuser.tensor;

/** The device could not provide what the model needs, such as memory. */
public final class ResourceException extends InfuserException {

    private static final long serialVersionUID = 1L;

    /** An error with all its fields; use "" for those that do not apply. */
    public ResourceException(String code, String node, String message, String detail, String hint) {
        super(code, node, message, detail, hint);
    }

    /** An error that a code and one line say whole. */
    public ResourceException(String code, String message) {
        this(code, "", message, "", "");
    }

    @Override
    public ResourceException at(String place) {
        return node().isEmpty() ? new ResourceException(code(), place, getMessage(), detail(), hint()) : this;
    }
}
