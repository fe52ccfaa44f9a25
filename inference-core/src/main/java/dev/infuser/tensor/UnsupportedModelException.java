package dev.infuser.tensor;

/** The model file is right, but Infuser cannot run it yet. */
public final class UnsupportedModelException extends InfuserException {

    private static final long serialVersionUID = 1L;

    /** An error with all its fields; use "" for those that do not apply. */
    public UnsupportedModelException(String code, String node, String message, String detail, String hint) {
        super(code, node, message, detail, hint);
    }

    /** An error that a code and one line say whole. */
    public UnsupportedModelException(String code, String message) {
        this(code, "", message, "", "");
    }

    @Override
    public UnsupportedModelException at(String place) {
        return node().isEmpty() ? new UnsupportedModelException(code(), place, getMessage(), detail(), hint()) : this;
    }
}
